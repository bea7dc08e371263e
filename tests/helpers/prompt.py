"""A plugin for sessions that tests start: short rows, timed once, without a look at the machine or what it can do.

A row is of 5 ms, for which yardsticks are stored too, and has one round; it says nothing of its times, and its verdict
is by the same rules.
"""

from __future__ import annotations

import pytest

MILLISECONDS = 5
SHORT = {
    "keep.supervise.POLL_S": 0.2,
    "suite.look.LOOK_S": 0.0,
    "suite.row.MODEL_MS": MILLISECONDS,
    "suite.row.Row.milliseconds": MILLISECONDS,
    "suite.row.Row.rounds": 1,
    "suite.float64.WHOLE": MILLISECONDS,
    "suite.timing.rounds.ATTEMPTS": 1,
}


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main() -> None:
    """Before the process that watches begins to, and its child to run rows."""
    from neurochip_bench.keep.floor import Floor
    from neurochip_bench.suite.judges import WINDOWS

    patch = pytest.MonkeyPatch()
    short = tuple(window for window in WINDOWS if window <= MILLISECONDS)
    for name, value in {**SHORT, "suite.judges.WINDOWS": short, "suite.measured_floor.of_this_machine": Floor}.items():
        patch.setattr(f"neurochip_bench.{name}", value)


def pytest_configure(config: pytest.Config) -> None:
    """Without the plugin of Hypothesis, which imports all of it to end a session."""
    if plugin := config.pluginmanager.get_plugin("hypothesispytest"):
        config.pluginmanager.unregister(plugin)


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_benchmark_generate_machine_info() -> dict[str, str]:
    """In the place of half a second in which pytest-benchmark asks for what this suite asks for itself."""
    return {"node": "made up"}
