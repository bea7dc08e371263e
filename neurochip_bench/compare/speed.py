"""How far times moved, and whether that can be told from noise.

A process is one observation: its best round, which strays less than the median. Its rounds say little of the next
process, which differs though nothing was changed: see `PROCESS_SD`. So:

- From five processes a side on, seven where the sides did not take turns, the ratio is Hodges' and Lehmann's (the
  median of all ratios of a new to a base time) with the interval that belongs to Mann's and Whitney's exact rank test.
  It assumes nothing of the noise but that identical code gives identical noise on both sides.
- With fewer no rank test is sure enough: the interval is that of normal noise, as wide as all rows' ratios scatter, at
  least as wide as `PROCESS_SD` makes it, and nothing is decided below a ratio of 1.5. With one process a side that
  interval is the stricter bound: `least` says from which ratio on something is called, at the least 1.75.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist, mean, median, stdev
from typing import Iterable, Mapping, Sequence

from neurochip_bench.compare.rank_test import critical

ALPHA = 0.01  # of rows of identical code at most are called faster or slower, where the sides took turns
APART = 0.001  # the same where they ran one after the other: between them the machine may change for some rows alone
# Standard deviation of the log of a process's time between identical processes, the least that is reckoned with: 0.12
# was measured earlier on a quiet machine, of medians of 5 rounds. Of best rounds 0.21 to 0.5 were measured on a busy
# machine (docs/compare.md), nothing yet on a quiet one. Where rows stray more, `noise` tells.
PROCESS_SD = 0.12
TAILS = NormalDist().inv_cdf(0.9995)  # standard deviations: real noise strays further than a normal's 99 %
LEAST = math.log(1.05)  # smaller changes are not worth a word, however sure
FEW = 5  # rows, or processes, fewer of which tell nothing of a machine's noise
UNLIKE = 1.5  # times that one side strays further than the other where the machine was not in one state
SAME_WITHIN = math.log(1.25)  # "same" rules out a change of so much
ALONE = math.log(1.5)  # below it too few processes decide nothing

FASTER, SLOWER, SAME, UNDECIDED = "faster", "slower", "same", "undecided"


@dataclass(frozen=True)
class Logs:
    """The logs of a row's times on both sides, one a process; a side that lacks the row has none."""

    base: Sequence[float]
    new: Sequence[float]

    def scatter_of_mean(self) -> float:
        """How far NEW - BASE strays, in standard deviations of one process."""
        return math.sqrt(1 / len(self.base) + 1 / len(self.new))


@dataclass(frozen=True)
class Shift:
    """The log of NEW / BASE, the ends of its interval, and whether there were processes enough for a rank test."""

    log: float
    low: float
    high: float
    enough: bool

    def beside(self, level: float) -> Shift:
        """The shift of what is divided by something whose own log of NEW / BASE is `level`."""
        return Shift(self.log - level, self.low - level, self.high - level, self.enough)


def shift(logs: Logs, alpha: float = ALPHA, spread: float = 0.0) -> Shift:
    """The `Shift` between two sides' times with its 1 - `alpha` interval.

    spread   the least noise of a log, where there are too few processes to tell it
    """
    rejected = critical(len(logs.base), len(logs.new), alpha)
    if rejected < 0:
        return _by_model(logs, max(spread, PROCESS_SD))
    differences = sorted(new - base for base in logs.base for new in logs.new)
    return Shift(median(differences), differences[rejected], differences[-1 - rejected], True)


def _by_model(logs: Logs, least_sd: float) -> Shift:
    found = [stdev(side) for side in (logs.base, logs.new) if len(side) > 1]
    half = TAILS * max([least_sd, *found]) * logs.scatter_of_mean()
    log = mean(logs.new) - mean(logs.base)
    return Shift(log, log - half, log + half, False)


def strayed(rows: Iterable[Logs]) -> float:
    """How many times as far one side's processes stray as the other's, by the median of all rows.

    Far from 1 where a machine was busy during one side alone: identical code then has no identical noise. Few rows, or
    few processes, say nothing: 1.
    """
    spreads = [(_spread(logs.base), _spread(logs.new)) for logs in rows]
    ratios = [math.log(new / base) for base, new in spreads if base > 0 and new > 0]
    return math.exp(abs(median(ratios))) if len(ratios) >= FEW else 1.0


def _spread(side: Sequence[float]) -> float:
    return stdev(side) if len(side) >= FEW else 0.0


def within(logs: Logs) -> float:
    """The standard deviation of a process's log by both sides, each about its own mean: a slow-down is no noise."""
    spans = [(len(side) - 1, stdev(side)) for side in (logs.base, logs.new) if len(side) > 1]
    return math.sqrt(sum(n * sd * sd for n, sd in spans) / sum(n for n, _ in spans))


def noise(rows: Sequence[Logs]) -> float:
    """The standard deviation of a process's log by how far rows moved beside each other, most of them unchanged.

    A loaded machine shows in it; few rows say nothing: 0.
    """
    if len(rows) < FEW:
        return 0.0
    moved = [(mean(logs.new) - mean(logs.base)) / logs.scatter_of_mean() for logs in rows]
    middle = median(moved)
    return 1.4826 * median(abs(value - middle) for value in moved)  # of a normal's, by its median deviation


def decide(found: Shift, drift: float | None = 0.0) -> str:
    """A word for a `Shift`; where the sides did not take turns, `drift` is by how much other libraries' times moved.

    A row has to move both by itself and beside the others; drift None, where nobody else tells, decides from 1.5 on.
    """
    bound = LEAST if found.enough and drift is not None else ALONE
    beside = drift or 0.0
    if found.low > max(0.0, beside) and found.log >= bound:
        return SLOWER
    if found.high < min(0.0, beside) and found.log <= -bound:
        return FASTER
    if found.enough and -SAME_WITHIN < found.low and found.high < SAME_WITHIN:
        return SAME
    return UNDECIDED


def least(found: Shift, beyond: float = 0.0, drift: float | None = 0.0) -> float:
    """The log of NEW / BASE from which on a `Shift` as wide as `found` is called slower and lies wholly above `beyond`.

    drift   as for `decide`
    """
    bound = LEAST if found.enough and drift is not None else ALONE
    return max(bound, found.log - found.low + max(0.0, beyond, drift or 0.0))


def drifts(logs: Mapping[str, Sequence[float]]) -> dict[str, float | None]:
    """For each library the drift of the machine by the others: the median of theirs, None if there is none.

    logs   the logs of NEW / BASE by library
    """
    middle = {library: median(found) for library, found in logs.items() if found}
    result: dict[str, float | None] = {}
    for library in logs:
        others = [value for other, value in middle.items() if other != library]
        result[library] = median(others) if others else None
    return result
