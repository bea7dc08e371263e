"""What a time is held against: a backend it is divided by, and how the machine drifted between the sides."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from neurochip_bench.compare import speed
from neurochip_bench.compare.errors import CompareError
from neurochip_bench.compare.pool import alternated, words


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
    drift: dict

    def word(self, found, backend, library):
        """The verdict on a `Shift` that was divided by the level."""
        if backend == self.reference:
            return "reference"
        if self.strayed > speed.UNLIKE:
            return speed.UNDECIDED
        return speed.decide(found, self.drift_of(library))

    def drift_of(self, library):
        """By how much the machine drifted for a library's rows, None where nobody tells."""
        return None if self.foreign else self.drift.get(library, 0.0)


def frame(base, new, pairs, shifts, reference):
    """The `Frame` of two pools, from the `shifts` of their `pairs`; raises CompareError for a useless reference."""
    turns, foreign = alternated(base, new), other_machine(base, new)
    level = reference_level(reference, pairs, shifts) if reference else 0.0
    drift = {} if reference or turns else drifts(pairs, shifts)
    rows = [pair.logs for pair, found in zip(pairs, shifts) if found is not None]
    return Frame(reference, level, turns, foreign, 1.0 if turns or foreign else speed.strayed(rows), drift)


def alpha_of(base, new):
    """How often at most a row of identical code is called faster or slower."""
    return speed.ALPHA if alternated(base, new) else speed.APART


def other_machine(base, new):
    """None if both sides ran on one machine, as far as they tell, or a sentence."""
    if base.machine == new.machine and base.machine["processor"]:
        return None
    return f"another machine: {words(base.machine)} and {words(new.machine)}"


def library(pair):
    """The library that ran a pair; rows of one may be slowed by one cause."""
    return str(pair.row.record["library"] or pair.row.record["backend"])


def backend(pair):
    """The backend that ran a pair."""
    return str(pair.row.record["backend"])


def owner(pair):
    """What rows are summed up by: the backend, or the experiment of a row that has none, such as a network's build."""
    return str(pair.row.record["backend"] or pair.row.experiment)


def drifts(pairs, shifts):
    """For each library the drift of the machine by the others."""
    logs: dict = {}
    for pair, found in zip(pairs, shifts):
        if found is not None:
            logs.setdefault(library(pair), []).append(found.log)
    return speed.drifts(logs)


def reference_level(reference, pairs, shifts):
    """The log of NEW / BASE of the reference's rows, their median."""
    timed = [(backend(pair), found.log) for pair, found in zip(pairs, shifts) if found is not None]
    logs = [log for name, log in timed if name == reference]
    if not logs:
        known = ", ".join(sorted({name for name, _ in timed})) or "none: no times compare"
        raise CompareError(f"--normalise {reference}: has no times on both sides, expected one of {known}")
    return median(logs)
