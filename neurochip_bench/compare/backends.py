"""Backends compared as a whole: the mean over its rows says more of a backend than any of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import mean, median

from neurochip_bench.compare import speed
from neurochip_bench.compare.frame import backend, library


@dataclass(frozen=True)
class Whole:
    """A backend in an experiment: the `Shift` of the mean log over `rows` rows, and the word for it."""

    experiment: str
    backend: str
    rows: int
    shift: speed.Shift
    word: str

    @property
    def name(self):
        """What it is called in tables and sentences."""
        return f"{self.backend}, {self.experiment}, {self.rows} rows"


def wholes(pairs, shifts, frame, alpha, noise):
    """A `Whole` for each backend and experiment with two rows or more that every process of both sides has timed."""
    found: dict = {}
    for pair, shift in zip(pairs, shifts):
        if shift is not None and all(len(row.seconds) == len(row.rows) and row.share == 1 for row in sides(pair)):
            found.setdefault((pair.row.experiment, backend(pair)), []).append(pair)
    return [
        whole(experiment, name, group, frame, alpha, noise)
        for (experiment, name), group in found.items()
        if len(group) > 1
    ]


def whole(experiment, name, pairs, frame, alpha, noise):
    """The `Whole` of some pairs."""
    base, new = (means(rows) for rows in zip(*map(sides, pairs)))
    spread = median(max(row.spread for row in sides(pair)) for pair in pairs)
    shift = speed.shift(base, new, alpha, max(noise, spread)) - frame.level
    return Whole(experiment, name, len(pairs), shift, frame.word(shift, name, library(pairs[0])))


def sides(pair):
    """The rows of a pair that is on both sides."""
    return (pair.base, pair.new)


def means(rows):
    """For each process the mean log of its times over rows."""
    return [mean(map(math.log, times)) for times in zip(*(row.seconds for row in rows))]
