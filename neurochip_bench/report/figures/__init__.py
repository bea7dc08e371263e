"""The figures, in the order of the page: each module's `figure(pool)` says what to draw, and draws when asked."""

from __future__ import annotations

from neurochip_bench.report.figures import (
    complexity,
    cost,
    delays,
    energy,
    errors,
    setup,
    speedup,
    stress,
    times,
    validation,
)

ORDER = (times, complexity, errors, cost, speedup, setup, validation, stress, energy, delays)


def figures(pool):
    """The `Figure`s of a pool of rows; one without panels says why, and how to measure it."""
    return [module.figure(pool) for module in ORDER]
