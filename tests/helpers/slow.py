"""A planted slowdown: `pytest -p tests.helpers.slow --slow jax-cpu-f32=1.3` makes its runs 1.3 times as long.

What a comparison has to find. A program waits after each run, in proportion to it.
"""

from __future__ import annotations

import time

import pytest

from neurochip_bench.suite.row import Row


def pytest_addoption(parser):
    """A backend and by what factor its runs are longer."""
    parser.getgroup("neurochip-bench").addoption("--slow", default="", metavar="BACKEND=FACTOR")


def pytest_configure(config):
    """Let the runs of that backend wait."""
    backend, _, factor = config.getoption("--slow").partition("=")
    if backend:
        pytest.MonkeyPatch().setattr(Row, "run", slowed(Row.run, backend, float(factor)))


def slowed(run, backend, factor):
    """A row's run that takes `factor` times as long on a backend."""

    def slow(row, program):
        start = time.perf_counter()
        result = run(row, program)
        if row.backend.id == backend:
            end = start + (time.perf_counter() - start) * factor
            while time.perf_counter() < end:  # a sleep would be longer than asked, by as much as a short run
                pass
        return result

    return slow
