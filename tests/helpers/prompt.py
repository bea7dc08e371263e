"""A plugin for sessions that tests start: rows of one round, timed once, without a look at the machine before."""

from __future__ import annotations


def pytest_configure() -> None:
    from neurochip_bench.suite import look
    from neurochip_bench.suite.row import Row
    from neurochip_bench.suite.timing import rounds

    Row.rounds, rounds.ATTEMPTS, look.LOOK_S = 1, 1, 0.0
