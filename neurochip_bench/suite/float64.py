"""Float64 runs that networks are judged by; those of large networks go on as far as their rows leave time."""

from __future__ import annotations

from typing import TypeVar

from model.network import Network
from neurochip_bench.accuracy.yardsticks import WINDOWS, run_of
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.run import Run
from neurochip_bench.suite.judges import WHOLE, Judged, agree, judges, window
from neurochip_bench.suite.keeping import Kept, Truth, packed, unpacked

PATIENCE = 2.0  # times what a row's own rounds took: so long may be what it adds to its truth
AT_HAND = 2  # truths in memory: rows of a network follow each other, and two libraries judge them

Value = TypeVar("Value")


class Going:
    """A float64 run that goes on.

    run      what there is of it, from the start: at first as long as NumPy's
    spent_s  what that took, without compiling
    agrees   whether it is what NumPy found
    """

    def __init__(self, by: str, judged: Judged, truth: Run) -> None:
        self._stimulus, self._program = judged.stimulus, BACKENDS[by].prepare(judged.network)
        self._program.run(1)  # first touch of memory, and what a library still puts off
        self._program.reset()
        self.run, self.spent_s = self._piece(0, len(truth.spikes))
        self.agrees = agree(self.run, truth)

    def go_on(self, seconds: float) -> None:
        """Run on, window by window, as long as the next one ends in time, by what it took so far."""
        end = self.spent_s + seconds
        done = len(self.run.spikes)
        for following in (w for w in WINDOWS if w > done):
            if self.spent_s * following / done > end:
                return
            piece, took = self._piece(done, following)
            self.run, self.spent_s, done = Run.joined([self.run, piece]), self.spent_s + took, following

    def _piece(self, start: int, end: int) -> tuple[Run, float]:
        began = self._program.clock()
        run = self._program.run(end - start, None if self._stimulus is None else self._stimulus[start:end])
        return run, self._program.clock() - began


class Float64Runs:
    """The truths of a session's networks; what is whole is kept for later sessions."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._truths: dict[str, Truth] = {}
        self._going: dict[str, Going] = {}

    def furthest(self, judged: Judged) -> Truth:
        """The truth that covers most: NumPy's where that is all, else that of the first judge that agrees with it."""
        for by in judges(judged.backend) if window(judged.network.cells) < WHOLE else ():
            found = self._beyond(by, judged)
            if found is not None:
                return found
        return self.oracle(judged)

    def oracle(self, judged: Judged) -> Truth:
        """NumPy's truth, over its window."""
        milliseconds = window(judged.network.cells)
        key = f"{judged.name}-{milliseconds}-{ORACLE}"
        known = self._known(key, judged.network)
        if known is not None:
            return known
        run = run_of(ORACLE, judged.network, milliseconds, judged.applied(milliseconds))
        return self._keep(key, Truth(run, ORACLE))

    def _beyond(self, by: str, judged: Judged) -> Truth | None:
        """A judge's truth as far as it gets; None if NumPy finds something else."""
        key = f"{judged.name}-{WHOLE}-{by}"
        known = self._known(key, judged.network)
        if known is not None:
            return known
        left = PATIENCE * judged.seconds
        if key not in self._going:
            _hold(self._going, key, Going(by, judged, self.oracle(judged).run))
            left -= self._going[key].spent_s
        going = self._going[key]
        if not going.agrees:
            return None
        going.go_on(left)
        if len(going.run.spikes) < WHOLE:
            return Truth(going.run, by)
        del self._going[key]
        return self._keep(key, Truth(going.run, by))

    def _known(self, key: str, network: Network) -> Truth | None:
        if key not in self._truths:
            kept = self._kept.read(key)
            if kept is None:
                return None
            _hold(self._truths, key, unpacked(kept, network))
        return self._truths[key]

    def _keep(self, key: str, truth: Truth) -> Truth:
        self._kept.write(key, packed(truth))
        _hold(self._truths, key, truth)
        return truth


def _hold(held: dict[str, Value], key: str, value: Value) -> None:
    """Hold a value, of all no more than the `AT_HAND` newest."""
    held[key] = value
    while len(held) > AT_HAND:
        del held[next(iter(held))]
