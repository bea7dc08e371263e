"""Backends compared as a whole: the mean over its rows says more of a backend than any of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import mean, median
from typing import Iterable, Sequence

from neurochip_bench.compare import speed
from neurochip_bench.compare.frame import Frame, Timed, backend
from neurochip_bench.compare.match import Pair
from neurochip_bench.compare.side import SideRow


@dataclass(frozen=True)
class Whole:
    """A backend in an experiment: the `Shift` of the mean log over `rows` rows, and the word for it."""

    experiment: str
    backend: str
    rows: int
    shift: speed.Shift
    word: str

    @property
    def name(self) -> str:
        """What it is called in tables and sentences."""
        return f"{self.backend}, {self.experiment}, {self.rows} rows"


def wholes(timed: Sequence[Timed], frame: Frame, alpha: float, noise: float) -> list[Whole]:
    """A `Whole` for each backend and experiment with two rows or more that every process of both sides has timed."""
    found: dict[tuple[str, str], list[Pair]] = {}
    for pair, _ in timed:
        if all(len(row.seconds) == len(row.rows) and row.share == 1 for row in pair.sides or ()):
            found.setdefault((pair.row.experiment, backend(pair)), []).append(pair)
    return [
        whole(experiment, name, group, frame, alpha, noise)
        for (experiment, name), group in found.items()
        if len(group) > 1
    ]


def whole(experiment: str, name: str, pairs: Sequence[Pair], frame: Frame, alpha: float, noise: float) -> Whole:
    """The `Whole` of some pairs that both sides have."""
    both = [pair.sides for pair in pairs if pair.sides is not None]
    logs = speed.Logs(means(base for base, _ in both), means(new for _, new in both))
    spread = median(max(base.spread, new.spread) for base, new in both)
    shift = speed.shift(logs, alpha, max(noise, spread)).beside(frame.level)
    return Whole(experiment, name, len(pairs), shift, frame.word_of(shift, pairs))


def means(rows: Iterable[SideRow]) -> list[float]:
    """For each process the mean log of its times over rows."""
    return [mean(map(math.log, times)) for times in zip(*(row.seconds for row in rows))]
