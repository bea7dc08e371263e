"""The figures, in the order of the page: each module's `figure(pool)` says what to draw, and draws when asked."""

from __future__ import annotations

from typing import Protocol

from neurochip_bench.report.figures import (
    complexity,
    cost,
    delays,
    energy,
    errors,
    peers,
    setup,
    speedup,
    stress,
    times,
    validation,
)
from neurochip_bench.report.figures.figure import Figure
from neurochip_bench.report.pool import Pool


class Maker(Protocol):
    """A module of this folder."""

    def figure(self, pool: Pool) -> Figure:
        """What to draw of a pool of rows."""


ORDER: tuple[Maker, ...] = (times, complexity, errors, cost, speedup, setup, validation, stress, energy, delays, peers)


def figures(pool: Pool) -> list[Figure]:
    """The `Figure`s of a pool of rows; one without panels says why, and how to measure it."""
    return [module.figure(pool) for module in ORDER]
