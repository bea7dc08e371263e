"""What the rounds of a row tell of its time: who had the cores meanwhile, and how far rounds stray and drift."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Sequence

from neurochip_bench.suite.timing.reading import TICK_S, Spent

ENDS = 0.4  # the part of the rounds that are its first, and its last: two of five


@dataclass(frozen=True)
class Evidence:
    """What the `timing` of a record is based on, by the names of its fields; None for what was not told.

    rounds  their number
    """

    rounds: int
    scatter: float
    drift: float
    cpu_s: float | None = None
    wait_share: float | None = None
    throttled_share: float | None = None
    stolen_share: float | None = None
    others_share: float | None = None
    slowed_by: str | None = None

    @property
    def lost(self) -> float:
        """The largest part of its cores that somebody else had, by any count."""
        return max(share or 0.0 for share in (self.wait_share, self.throttled_share, self.stolen_share))


def of_rounds(
    seconds: Sequence[float], spent: Sequence[Spent] = (), cores: int = 1, slowed_by: str | None = None
) -> Evidence:
    """The `Evidence` of rounds by their seconds.

    spent  what a processor counted in each of them, or in all of them together
    """
    best = min(seconds)
    ends = max(1, round(ENDS * len(seconds)))
    scatter, drift = median(seconds) / best - 1.0, min(seconds[-ends:]) / min(seconds[:ends]) - 1.0
    if not spent:
        return Evidence(len(seconds), scatter, drift, slowed_by=slowed_by)
    each = len(spent) == len(seconds)
    of_best = spent[list(seconds).index(best)] if each else spent[0]
    return Evidence(
        len(seconds),
        scatter,
        drift,
        of_best.cpu_s if each else None,
        of_best.held_up,
        throttled(of_best),
        stolen(spent),
        others(spent, cores),
        slowed_by,
    )


def throttled(spent: Spent) -> float | None:
    """The part of a round for which a quota stopped it, at most all of it."""
    return None if spent.throttled_s is None else min(1.0, spent.throttled_s / spent.wall_s)


def stolen(spent: Sequence[Spent]) -> float | None:
    """Of the time on cores that all rounds asked for the part that other machines got.

    The counter moves by ticks of all cores: one that may be of before the rounds does not count.
    """
    counts = [entry.stolen_s for entry in spent if entry.stolen_s is not None]
    if not counts:
        return None
    lost_s = max(0.0, sum(counts) - TICK_S)
    return lost_s / (lost_s + sum(entry.cpu_s for entry in spent)) if lost_s else 0.0


def others(spent: Sequence[Spent], cores: int) -> float:
    """The part of the machine's cores that other processes used over all rounds."""
    wall, used = sum(entry.wall_s for entry in spent), sum(entry.busy_s - entry.cpu_s for entry in spent)
    return min(1.0, max(0.0, used / (wall * cores)))
