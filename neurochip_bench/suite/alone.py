"""Benchmarks run alone: a session that asks for them in several processes at once is refused before any is started.

Unit and accuracy tests may run in parallel by pytest-xdist, and then leave the benchmarks out as ever.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from neurochip_bench.keep.saving import run_name
from neurochip_bench.keep.words import EXPERIMENTS
from neurochip_bench.suite.marked import asks_for_rows, wanted

PERF = Path("tests", "perf")  # the folder of benchmarks, below that of pytest.ini
OF_WORKERS = ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID")
NOT_TIMED = ("help", "version", "markers", "showfixtures", "show_fixtures_per_test", "collectonly", "benchmark_disable")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Refuse benchmarks in several processes; raises UsageError."""
    if not hasattr(config, "workerinput"):
        for name in OF_WORKERS:  # a session that a test under pytest-xdist started; pytest-benchmark would not time it
            os.environ.pop(name, None)
    how = parallel(config)
    if how and asks_for_benchmarks(config):
        raise pytest.UsageError(
            f"{how} with benchmarks: times of several processes at once mean nothing: expected one process, as by -n 0"
        )


def parallel(config: pytest.Config) -> str | None:
    """The option by which a session would run tests in other processes, from wherever it came; None if it has none."""
    processes, dist, sent, remote, forked, loop = (
        config.getoption(name, None) for name in ("numprocesses", "dist", "distload", "tx", "forked", "looponfail")
    )
    if processes:
        return f"-n {processes}"
    if processes is None and remote and (sent or dist not in (None, "no")):
        return f"--tx {remote[0]}"
    return "--forked" if forked else "-f" if loop else None


def asks_for_benchmarks(config: pytest.Config) -> bool:
    """Whether a session will time benchmarks: by their path, or by what reaches them from a folder above."""
    if any(config.getoption(name, False) for name in NOT_TIMED):
        return False
    perf, paths = config.rootpath / PERF, [Path(argument.split("::")[0]).resolve() for argument in config.args]
    if any(path == perf or perf in path.parents for path in paths):
        return True
    marks = config.option.markexpr
    by_mark = asks_for_rows(marks) or bool({"experiment", *EXPERIMENTS} & wanted(marks))
    asked = by_mark or config.option.benchmark_only or run_name(config) is not None
    return bool(asked and any(path in perf.parents for path in paths))
