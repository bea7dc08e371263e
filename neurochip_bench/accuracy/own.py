"""The very network's yardsticks: what each of many cells may be off, where those of 64 cells find a run not right.

The worst of many cells is further off than the worst of 64, however right the run: of 125,000 cells of hh one hovers so
close to its threshold that float32 moves it by a millivolt. Which cells do is known: halving the step moves them too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Iterable, NamedTuple, Tuple, Union

import numpy as np

from model.arrays import Floats, Integers, Reals
from neurochip_bench.accuracy.measures import count_differences, matched, quiet_rms
from neurochip_bench.accuracy.verdict import UNUSABLE, USABLE, Verdict
from neurochip_bench.run import Run

SPARED = 10_000  # one cell of so many may be as far off as the network's worst
MARGIN = 2.0  # spikes; worst cells of correct runs of two libraries differ by 1 at 8,000 cells, by 0 at 125,000


class StepErrors(NamedTuple):
    """What halving the step moves in each cell (N,): its potential, as in vs_mv, and its spikes without a partner."""

    vs_mv: Floats
    unmatched: Integers


class CountErrors(NamedTuple):
    """How far float32 runs stray from the truth, of a map: the worst cell, and how many are beyond a limit."""

    worst: float
    beyond: int


Own = Union[StepErrors, CountErrors]

MEASURES = ("vs_mv", "spikes_unmatched", "spikes_per_cell")  # that are a worst cell's, or a sum over cells


def step_errors(halved: Run, truth: Run) -> StepErrors:
    """The `StepErrors` of a network, by its float64 run with half the step."""
    return StepErrors(quiet_rms(halved, truth), matched(halved, truth)[0])


def count_errors(runs: Iterable[Run], truth: Run, limit: float) -> CountErrors:
    """The `CountErrors` of a map's network, the largest of some float32 runs."""
    differences = [count_differences(run, truth) for run in runs]
    worst = max(float(difference.max()) for difference in differences)
    return CountErrors(worst, max(int((difference > limit).sum()) for difference in differences))


def may_help(verdict: Verdict) -> bool:
    """Whether a verdict is not right for nothing but what the very network's yardsticks tell more of."""
    beyond = [name for name, error in verdict.errors.items() if not error <= verdict.limit(name)]
    return verdict.word == UNUSABLE and set(beyond) <= set(MEASURES)


def judge_by_own(verdict: Verdict, run: Run, truth: Run, own: Own) -> Verdict:
    """The `Verdict` on a run by the very network's yardsticks, one by stored yardsticks having found it not right.

    It is usable at best. Its errors are those of the cells that decide, its F and D what these cells are held to.
    """
    run = run.head(len(truth.spikes))
    errors, floor, step_error = dict(verdict.errors), dict(verdict.floor), dict(verdict.step_error)
    if isinstance(own, StepErrors):
        errors["vs_mv"], limit = potential(run, truth, own, verdict.limit("vs_mv"))
        errors["spikes_unmatched"] = float(np.maximum(matched(run, truth)[0] - own.unmatched, 0).sum())
        step_error["vs_mv"] = 2 * limit
    else:
        errors["spikes_per_cell"], limit = counts(run, truth, own, verdict.limit("spikes_per_cell"))
        floor["spikes_per_cell"] = limit / 4
    found = replace(verdict, word=UNUSABLE, errors=errors, floor=floor, step_error=step_error, own=True)
    within = all(error <= found.limit(name) for name, error in errors.items())
    return replace(found, word=USABLE) if within else found


def potential(run: Run, truth: Run, own: StepErrors, limit: float) -> Tuple[float, float]:
    """The deciding cell's vs_mv and what it is held to: half of its own step error, or `limit` if that is more.

    A cell in which half the step makes or loses a spike has no step error to speak of: it is held to the worst of all.
    """
    bound = max(limit, own.vs_mv.max() / 2)
    limits = np.where(own.unmatched > 0, bound, np.maximum(limit, own.vs_mv / 2))
    return deciding(quiet_rms(run, truth), limits, len(limits) // SPARED, bound)


def counts(run: Run, truth: Run, own: CountErrors, limit: float) -> Tuple[float, float]:
    """The deciding cell's spikes_per_cell and what it is held to: `limit`, but for four times as many cells as float32
    has beyond it, which are held to `MARGIN` spikes more than its worst.
    """
    differences = count_differences(run, truth).astype(np.float64)
    spared = max(len(differences) // SPARED, 4 * own.beyond)
    return deciding(differences, np.full(len(differences), limit), spared, max(limit, own.worst + MARGIN))


def deciding(errors: Reals, limits: Floats, spared: int, bound: float) -> Tuple[float, float]:
    """(error, limit) of the cell (N,) that decides: the nearest to its limit, or the furthest beyond it.

    The `spared` cells that are nearest to theirs, or beyond, are held to a common `bound` instead.
    """
    order = np.argsort(errors / limits)[::-1]
    held = limits.copy()
    held[order[:spared]] = np.maximum(held[order[:spared]], bound)
    worst = np.argmax(errors / held)
    return float(errors[worst]), float(held[worst])
