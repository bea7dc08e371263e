"""What is kept between sessions, and where: a pytest plugin."""

from __future__ import annotations

import pytest

from neurochip_bench.suite.keeping import BOUND, Kept

KEPT = pytest.StashKey[Kept]()
MIB = 2**20


@pytest.fixture(scope="session")
def kept_runs(request: pytest.FixtureRequest) -> Kept:
    """The float64 runs and yardsticks in pytest's cache; nothing is kept under -p no:cacheprovider."""
    cache = getattr(request.config, "cache", None)
    kept = request.config.stash[KEPT] = Kept(cache and cache.mkdir("truths"))
    return kept


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say where float64 runs are kept, if there are any."""
    kept = config.stash.get(KEPT, None)
    if kept and kept.folder and kept.size():
        terminalreporter.write_line(
            f"float64 runs are kept in {kept.folder} ({kept.size() / MIB:.0f} MiB, at most {BOUND / MIB:,.0f}; "
            "--cache-clear empties it)"
        )
