"""How large a slow-down a comparison could have seen: the power of its own test, by its processes and their noise.

A gate that finds nothing says little where it could not have found anything. So for each row and each backend it is
reckoned from which slow-down on the gate would have failed, in `SEEN` of such comparisons: from what is known of the
noise of a process, and from what the test makes of so many processes of identical code.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist, median
from typing import NamedTuple, Sequence

import numpy as np
from numpy.typing import NDArray

from neurochip_bench.compare import speed
from neurochip_bench.compare.backends import Whole
from neurochip_bench.compare.comparison import Compared, Comparison
from neurochip_bench.compare.frame import alpha_of, backend, library
from neurochip_bench.compare.rank_test import critical

SEEN = 0.8  # of comparisons of that power the gate fails in
ABOVE = NormalDist().inv_cdf(SEEN)  # standard deviations
TRIALS = 2000  # of identical code; so many give the log to some 2 %


class Processes(NamedTuple):
    """What a rank test is of: so many processes a side, and how often identical code may be called."""

    base: int
    new: int
    alpha: float


@dataclass(frozen=True)
class Seen:
    """From which log of NEW / BASE on a slow-down would have failed the gate; infinite where none would have.

    rows   of each row of a backend in an experiment, alone
    whole  of the backend as a whole, infinite for one with a single row
    """

    name: str
    rows: Sequence[float]
    whole: float

    @property
    def least(self) -> float:
        """The same where all of its rows are slowed alike: the backend as a whole fails, or half of its rows do."""
        return min(self.whole, median(self.rows))


def seen(comparison: Comparison, beyond: float) -> list[Seen]:
    """A `Seen` of each backend in each experiment whose times compare; `beyond` is the log that the gate lets pass."""
    groups: dict[tuple[str, str], list[Compared]] = {}
    for row in comparison.rows:
        if row.shift is not None and row.pair.tells_noise and backend(row.pair) != comparison.frame.reference:
            groups.setdefault((row.pair.row.experiment, backend(row.pair)), []).append(row)
    wholes = {(whole.experiment, whole.backend): whole for whole in comparison.wholes}
    return [
        Seen(
            f"{key[1]}, {key[0]}",
            [least_of(comparison, row, [row], beyond) for row in rows],
            least_of(comparison, wholes[key], rows, beyond) if key in wholes else math.inf,
        )
        for key, rows in groups.items()
    ]


def least_of(comparison: Comparison, entry: Compared | Whole, rows: Sequence[Compared], beyond: float) -> float:
    """From which log on an entry of some rows would have failed the gate; infinite where it decides nothing."""
    frame = comparison.frame
    if entry.shift is None or frame.strayed > speed.UNLIKE or all(row.pair.blind for row in rows):
        return math.inf
    logs = entry.logs if isinstance(entry, Whole) else entry.pair.logs
    test = Processes(len(logs.base), len(logs.new), alpha_of(comparison.base, comparison.new))
    return least(entry.shift, logs, test, beyond, frame.drift_of(library(rows[0].pair)))


def least(found: speed.Shift, logs: speed.Logs, test: Processes, beyond: float, drift: float | None = 0.0) -> float:
    """From which log of NEW / BASE on a gate that lets `beyond` pass fails in `SEEN` of such comparisons.

    found   the interval that belongs to the logs
    drift   as for `speed.decide`
    """
    bound = speed.LEAST if found.enough and drift is not None else speed.ALONE
    above = max(0.0, beyond, drift or 0.0)
    if not found.enough:  # the interval is as wide as its noise makes it, whatever the times
        half = found.log - found.low
        return max(above + half, bound) + ABOVE * half / speed.TAILS
    shift, low = speed.within(logs) * identical(test)
    return float(np.quantile(np.maximum(above - low, bound - shift), SEEN))


@lru_cache(maxsize=None)
def identical(test: Processes) -> NDArray[np.float64]:
    """What the rank test makes of identical code with noise of 1: its shifts and the lower ends, (2, TRIALS)."""
    rng = np.random.default_rng(0)
    base, new = (rng.standard_normal((TRIALS, n)) for n in (test.base, test.new))
    differences = np.sort((new[:, None, :] - base[:, :, None]).reshape(TRIALS, -1), axis=1)
    return np.stack([np.median(differences, axis=1), differences[:, critical(*test)]])
