"""The figures, in the order of the page: each module's `figure(collected)` says what to draw, and draws when asked."""

from __future__ import annotations

from typing import Protocol

from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import (
    complexity,
    cost,
    delays,
    devices,
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


class Maker(Protocol):
    """A module of this folder."""

    def figure(self, collected: Collected) -> Figure:
        """What to draw of the rows collected."""


ORDER: tuple[Maker, ...] = (
    times,
    complexity,
    errors,
    cost,
    speedup,
    setup,
    validation,
    stress,
    energy,
    delays,
    devices,
    peers,
)


def figures(collected: Collected) -> list[Figure]:
    """The `Figure`s of the rows collected; one without panels says why, and how to measure it."""
    return [module.figure(collected) for module in ORDER]
