"""A plugin for sessions that tests start: short rows, timed once, without a look at the machine or what it can do.

A row is of 5 ms, for which yardsticks are stored too, and has one round; it says nothing of its times, and its verdict
is by the same rules.
"""

from __future__ import annotations

import pytest

MILLISECONDS = 5
POLL_S = 0.2  # how often the process that watches looks at what it watches


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main() -> None:
    """Before the process that watches begins to, and its child to run rows."""
    from neurochip_bench.keep import supervise
    from neurochip_bench.keep.floor import Floor
    from neurochip_bench.suite import float64, judges, look, measured_floor, row
    from neurochip_bench.suite.timing import rounds

    supervise.POLL_S, look.LOOK_S, rounds.ATTEMPTS = POLL_S, 0.0, 1
    row.MODEL_MS = row.Row.milliseconds = float64.WHOLE = MILLISECONDS
    row.Row.rounds, judges.WINDOWS = 1, tuple(window for window in judges.WINDOWS if window <= MILLISECONDS)
    measured_floor.of_this_machine = Floor


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_benchmark_generate_machine_info() -> dict[str, str]:
    """In the place of half a second in which pytest-benchmark asks for what this suite asks for itself."""
    return {"node": "made up"}
