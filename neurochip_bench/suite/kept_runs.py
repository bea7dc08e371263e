"""What is kept between sessions, and where: a pytest plugin."""

from __future__ import annotations

from pathlib import Path

import pytest

from neurochip_bench.suite.keeping import BOUND, Kept

KEPT = pytest.StashKey[Kept]()
MIB = 2**20


@pytest.fixture(scope="session")
def kept_runs(request: pytest.FixtureRequest) -> Kept:
    """The float64 runs and yardsticks in pytest's cache."""
    kept = request.config.stash[KEPT] = Kept(folder_in(getattr(request.config, "cache", None)))
    return kept


def folder_in(cache: pytest.Cache | None) -> Path | None:
    """A folder in pytest's cache; None under -p no:cacheprovider, and in a checkout that may only be read."""
    try:
        return cache and cache.mkdir("truths")
    except OSError:
        return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say where float64 runs are kept, if there are any."""
    kept = config.stash.get(KEPT, None)
    if kept and kept.folder and kept.size():
        terminalreporter.write_line(
            f"float64 runs are kept in {kept.folder} ({kept.size() / MIB:.0f} MiB, at most {BOUND / MIB:,.0f}; "
            "--cache-clear empties it)"
        )
