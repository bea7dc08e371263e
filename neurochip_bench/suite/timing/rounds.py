"""Rounds timed by pytest-benchmark, with what the machine did meanwhile; all anew where others had the cores."""

from __future__ import annotations

import gc
import time
from typing import Callable, TypeVar

from pytest_benchmark.fixture import BenchmarkFixture
from pytest_benchmark.stats import Stats

from neurochip_bench.keep.record import Facts
from neurochip_bench.keep.words import CONTENDED
from neurochip_bench.suite.timing.judge import facts_of, word
from neurochip_bench.suite.timing.observer import Observer

Result = TypeVar("Result")

ATTEMPTS = 3  # at most: the first, and two more
MORE_S = 30.0  # that those two may take: one that would take longer is not begun


class Rounds:
    """The rounds of one row, timed once or more; pytest-benchmark has those of the last attempt.

    attempts  how often all rounds were timed
    """

    def __init__(self, benchmark: BenchmarkFixture, observer: Observer) -> None:
        self.benchmark, self.observer, self.attempts = benchmark, observer, 0
        self._took = self._more = 0.0  # seconds of the last attempt, and of all but the first

    def time(self, target: Callable[[], Result], setup: Callable[[], object], rounds: int) -> Result:
        """Time so many rounds, each after a `setup`, in the place of any before; returns the last one's result."""

        def before() -> None:
            setup()
            self.observer.before()

        start, after = time.perf_counter(), self.observer.after
        self.observer.begin()
        if self.attempts == 0:
            result: Result = self.benchmark.pedantic(target, setup=before, teardown=after, rounds=rounds)
        else:
            result = anew(self.benchmark, target, before, after, rounds)
        self._took = time.perf_counter() - start
        self._more += self._took if self.attempts else 0.0
        self.attempts += 1
        return result

    def window(self, target: Callable[[], object], rounds: int) -> None:
        """Time rounds that follow each other at once: the machine is read before the first and after the last."""
        self.observer.begin()
        self.observer.before()
        self.benchmark.pedantic(target, rounds=rounds)
        self.observer.after()
        self.attempts += 1

    def again(self) -> bool:
        """Whether all rounds are to be timed again: others had the cores, and neither bound is reached."""
        if self.benchmark.stats is None or self.attempts == ATTEMPTS or self._more + self._took > MORE_S:
            return False
        return self.facts()["timing"] == CONTENDED

    def facts(self) -> Facts:
        """What the rounds of the last attempt add to a record; nothing where --benchmark-disable timed none."""
        if self.benchmark.stats is None:
            return {}
        found = self.observer.evidence(self.benchmark.stats.stats.data)
        return {"timing": word(found), "attempts": self.attempts, **facts_of(found), **self.observer.state()}


def anew(
    benchmark: BenchmarkFixture,
    target: Callable[[], Result],
    before: Callable[[], object],
    after: Callable[[], object],
    rounds: int,
) -> Result:
    """Time rounds as `benchmark.pedantic` did, which times a fixture once, and let it have these instead."""
    metadata = benchmark.stats
    assert metadata is not None, "it has timed before"
    timed, clock = Stats(), metadata.options["timer"]
    quiet, collecting = metadata.options["disable_gc"], gc.isenabled()
    try:
        for _ in range(rounds):
            before()
            if quiet:
                gc.disable()
            start = clock()
            result = target()
            timed.update(clock() - start)
            if collecting:
                gc.enable()
            after()
    except Exception:
        benchmark.has_error = True  # as there
        raise
    metadata.stats = timed
    return result
