"""Where a row stepped: the run from which on it is slower or faster, by the test that compares two runs.

A series is cut into parts where that brings its times nearest to the parts' means. The runs of two parts that meet are
then compared as two sides: rows of other libraries tell a drift of the machine, a noisier side decides nothing,
and a row has to move by 5 % at least. Since a series can be cut in many places, the test is as much stricter as there
are places. Of cuts that are not decided the smallest goes first, which makes the parts beside it longer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import accumulate
from statistics import median
from typing import Callable, Iterator, Mapping, Sequence, Tuple

from neurochip_bench.compare import speed
from neurochip_bench.compare.comparison import Compared, compare
from neurochip_bench.compare.errors import CompareError
from neurochip_bench.compare.pool import pooled
from neurochip_bench.compare.side import Side
from neurochip_bench.keep.saved import SavedRow
from neurochip_bench.report.history.series import History, Point, Series

COST = 3.0  # of a cut, in variances times the logarithm of the number of runs, as in Schwarz's criterion
QUIET = 0.01  # the least noise that is reckoned with
LEAST = 3  # runs on each side of a step: one or two slow nights are none

Cut = Tuple[int, int, int]  # the first run, the first behind the cut, and the one behind the last
Rows = Mapping[str, Compared]  # by the key of their series
Judge = Callable[[Cut], Rows]


@dataclass(frozen=True)
class Step:
    """A run from which on a series is slower or faster; `before` is the last run of it that was not."""

    series: Series
    before: Point
    at: Point
    compared: Compared

    @property
    def ratio(self) -> tuple[float, float, float]:
        """Times behind the step over those before, and the ends of its interval."""
        found = self.compared.shift
        assert found is not None, "a step has been compared"
        return math.exp(found.log), math.exp(found.low), math.exp(found.high)

    @property
    def slower(self) -> bool:
        """Whether it is a slow-down."""
        return self.compared.word == speed.SLOWER


def steps(history: History) -> list[Step]:
    """The steps of all series, the oldest first."""
    found = [
        step
        for machine in history.machines
        for step in _on(history, [series for series in history.series if series.machine == machine])
    ]
    return sorted(found, key=lambda step: step.at.run)


def _on(history: History, several: Sequence[Series]) -> Iterator[Step]:
    """The steps of the series of a machine."""
    rows = _rows(several)

    @lru_cache(maxsize=None)
    def judged(alpha: float, cut: Cut) -> Rows:
        return compared(history, rows, cut, alpha)

    for series in several:
        points = series.counted
        found = len(points) - 2 * LEAST + 1  # so many places to cut it
        if found > 0:
            yield from search(series, points, partial(judged, speed.APART / found))


def _rows(several: Sequence[Series]) -> dict[int, list[SavedRow]]:
    """The rows whose times count by the number of their run, each under the key of its series."""
    found: dict[int, list[SavedRow]] = {}
    for series in several:
        for point in series.counted:
            found.setdefault(point.run, []).append(replace(point.row.saved, id=series.key))
    return found


def compared(history: History, rows: Mapping[int, Sequence[SavedRow]], cut: Cut, alpha: float) -> Rows:
    """What a comparison of the runs before and behind a cut says of each series."""
    try:
        found = compare(_side(history, rows, cut[0], cut[1]), _side(history, rows, cut[1], cut[2]), alpha=alpha)
    except CompareError:
        return {}  # no row is on both sides, or a network of one's own was another in between
    return {row.pair.row.id: row for row in found.rows}


def _side(history: History, rows: Mapping[int, Sequence[SavedRow]], first: int, behind: int) -> Side:
    return pooled([replace(history.runs[i], rows=list(rows[i])) for i in range(first, behind) if i in rows])


def search(series: Series, points: Sequence[Point], judge: Judge) -> Iterator[Step]:
    """The steps of a series by the points whose times count: the cuts that are decided once all others have gone."""
    cuts = places([math.log(point.seconds or math.nan) for point in points])
    while True:
        found = [judge(cut).get(series.key) for cut in _around(points, cuts)]
        undecided = [i for i, row in enumerate(found) if row is None or row.word not in (speed.SLOWER, speed.FASTER)]
        if not undecided:
            break
        del cuts[min(undecided, key=lambda i: _size(found[i]))]
    yield from (Step(series, points[at - 1], points[at], row) for at, row in zip(cuts, found) if row is not None)


def _around(points: Sequence[Point], cuts: Sequence[int]) -> Iterator[Cut]:
    """The runs of the two parts beside each cut."""
    for before, at, behind in zip((0, *cuts), cuts, (*cuts[1:], len(points))):
        yield points[before].run, points[at].run, points[behind - 1].run + 1


def _size(row: Compared | None) -> float:
    return 0.0 if row is None or row.shift is None else abs(row.shift.log)


def places(logs: Sequence[float]) -> list[int]:
    """Where to cut a series of logs: the least squares about the means of its parts, each cut costing `COST`.

    Each is the place of the first log behind the cut; a part has `LEAST` logs at least.
    """
    cost = COST * _noise(logs) ** 2 * math.log(max(2, len(logs)))
    sums, squares = ([0.0, *accumulate(values)] for values in (logs, [log * log for log in logs]))

    def away(first: int, behind: int) -> float:
        return squares[behind] - squares[first] - (sums[behind] - sums[first]) ** 2 / (behind - first)

    best: list[tuple[float, int]] = [(0.0, 0)] + [(math.inf, 0)] * len(logs)  # (cost, last cut) up to each place
    for behind in range(LEAST, len(logs) + 1):
        firsts = [0, *range(LEAST, behind - LEAST + 1)]
        best[behind] = min((best[first][0] + away(first, behind) + cost * (first > 0), first) for first in firsts)
    cuts, at = [], best[-1][1]
    while at:
        cuts.append(at)
        at = best[at][1]
    return cuts[::-1]


def _noise(logs: Sequence[float]) -> float:
    """The standard deviation of a log by how far each is from the one before, which a few steps hardly change."""
    moved = [abs(log - before) for before, log in zip(logs, logs[1:])]
    return max(QUIET, 1.4826 * median(moved) / math.sqrt(2.0)) if moved else QUIET
