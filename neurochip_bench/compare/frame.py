"""What a time is held against: a backend it is divided by, and how the machine drifted between the sides."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Mapping, NamedTuple, Sequence

from neurochip_bench.compare import speed
from neurochip_bench.compare.errors import CompareError
from neurochip_bench.compare.match import Pair
from neurochip_bench.compare.side import Side, alternated
from neurochip_bench.keep.ran_on import ran_on

REFERENCE = "reference"  # the word for the rows that all others are divided by


class Timed(NamedTuple):
    """A pair whose times compare, and by how much they moved."""

    pair: Pair
    shift: speed.Shift


@dataclass(frozen=True)
class Frame:
    """What times are held against.

    reference   None, or the backend that all times are divided by; `level` is the log of its NEW / BASE, else 0
    alternated  whether the sides took turns
    foreign     None, or a sentence: the sides ran on different machines
    strayed     how many times as far one side's processes stray as the other's; 1 where they took turns
    drift       by library the log of NEW / BASE of the others, None where nobody tells; empty where it needs no telling
    """

    reference: str | None
    level: float
    alternated: bool
    foreign: str | None
    strayed: float
    drift: Mapping[str, float | None]

    def word(self, found: speed.Shift, backend: str, library: str) -> str:
        """The verdict on a `Shift` that was divided by the level."""
        if backend == self.reference:
            return REFERENCE
        if self.strayed > speed.UNLIKE:
            return speed.UNDECIDED
        return speed.decide(found, self.drift_of(library))

    def word_of(self, found: speed.Shift, pairs: Sequence[Pair]) -> str:
        """The verdict on a `Shift` of some pairs of a backend; those that are all blind decide nothing."""
        word = self.word(found, backend(pairs[0]), library(pairs[0]))
        return speed.UNDECIDED if word != REFERENCE and all(pair.blind for pair in pairs) else word

    def drift_of(self, library: str) -> float | None:
        """By how much the machine drifted for a library's rows, None where nobody tells."""
        return None if self.foreign else self.drift.get(library, 0.0)


def frame(base: Side, new: Side, timed: Sequence[Timed], reference: str | None) -> Frame:
    """The `Frame` of two sides, from their pairs whose times compare; raises CompareError for a useless reference."""
    turns, foreign = alternated(base, new), other_machine(base, new)
    level = reference_level(reference, timed) if reference else 0.0
    drift = {} if reference or turns else drifts(timed)
    strayed = 1.0 if turns or foreign else speed.strayed(pair.logs for pair, _ in timed if pair.tells_noise)
    return Frame(reference, level, turns, foreign, strayed, drift)


def alpha_of(base: Side, new: Side) -> float:
    """How often at most a row of identical code is called faster or slower."""
    return speed.ALPHA if alternated(base, new) else speed.APART


def other_machine(base: Side, new: Side) -> str | None:
    """None if both sides ran on one machine, as far as they tell, or a sentence."""
    old, now = base.processor, new.processor
    if old.same(now) and old.name:
        return None
    return f"another machine: {old.beside(now)} and {now.beside(old)}"


def library(pair: Pair) -> str:
    """The library that ran a pair; rows of one may be slowed by one cause."""
    return str(pair.row.record.library or pair.row.record.backend)


def backend(pair: Pair) -> str:
    """The backend that ran a pair."""
    return str(pair.row.record.backend)


def owner(pair: Pair) -> str:
    """What rows are summed up by: the backend with its devices, or the experiment of a row that has no backend."""
    return ran_on(pair.row.record) if pair.row.record.backend else str(pair.row.experiment)


def drifts(timed: Sequence[Timed]) -> dict[str, float | None]:
    """For each library the drift of the machine by the others."""
    logs: dict[str, list[float]] = {}
    for pair, shift in timed:
        logs.setdefault(library(pair), []).extend([shift.log] if pair.tells_noise else [])
    return speed.drifts(logs)


def reference_level(reference: str, timed: Sequence[Timed]) -> float:
    """The log of NEW / BASE of the reference's rows, their median."""
    logs = [shift.log for pair, shift in timed if backend(pair) == reference]
    if not logs:
        known = ", ".join(sorted({backend(pair) for pair, _ in timed})) or "none: no times compare"
        raise CompareError(f"--normalise {reference}: has no times on both sides, expected one of {known}")
    return median(logs)
