"""Backends compared as a whole: the mean over its rows says more of a backend than any of them."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import mean, median
from typing import Iterable, Sequence

from neurochip_bench.compare import speed
from neurochip_bench.compare.frame import Frame, Timed, backend
from neurochip_bench.compare.match import Pair


@dataclass(frozen=True)
class Whole:
    """A backend in an experiment: its mean logs over `rows` rows, the `Shift` of these, and the word for it."""

    experiment: str
    backend: str
    rows: int
    logs: speed.Logs
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
    logs = speed.Logs(means(pair.logs.base for pair in pairs), means(pair.logs.new for pair in pairs))
    spread = median(max(base.spread, new.spread) for base, new in both)
    shift = speed.shift(logs, alpha, max(noise, spread)).beside(frame.level)
    return Whole(experiment, name, len(pairs), logs, shift, frame.word_of(shift, pairs))


def means(rows: Iterable[Sequence[float]]) -> list[float]:
    """For each process the mean of its logs over rows."""
    return [mean(logs) for logs in zip(*rows)]
