"""The very network's yardsticks, by hand: which cell decides, and what it is held to."""

from __future__ import annotations

import math

import numpy as np
import pytest

from model.kernels import KERNELS
from neurochip_bench.accuracy import FAITHFUL, UNUSABLE, USABLE, Verdict, judge
from neurochip_bench.accuracy.own import (
    SPARED,
    CountErrors,
    StepErrors,
    count_errors,
    deciding,
    judge_by_own,
    may_help,
    step_errors,
)
from neurochip_bench.run import Run

HH, LIF = KERNELS["hh"], KERNELS["lif"]
STEPS, CELLS = 40, 5
LIMIT = 0.125  # of vs_mv, where F is small


def run_of(kernel=HH, milliseconds=3, cells=CELLS, off=(), spikes=()):
    """A recorded run at rest, but for the potential of cells that are off from 1 ms on, and spikes at (ms, cell)."""
    trace = np.full((milliseconds + 1, cells), -60.0)
    for cell, millivolts in off:
        trace[1:, cell] += millivolts
    codes = np.zeros((milliseconds, cells), np.int32)
    for millisecond, cell in spikes:
        codes[millisecond, cell] += STEPS
    first = np.full((len(kernel.states), cells), 0.5)
    first[0] = -60.0
    state = np.array([trace[-1], *first[1:]])
    return Run(state, first, trace, codes, steps_per_ms=STEPS, spikes_at=kernel.spikes_at)


def rms(millivolts):
    """What vs_mv is of a cell that is off in three of four samples."""
    return math.sqrt(3 * millivolts**2 / 4)


def found_by_stored(run, truth, kernel=HH):
    """The verdict by yardsticks that allow `LIMIT` mV, and one unmatched spike, or a count of one."""
    names = ("v1_mv", "vs_mv", "spikes_unmatched", "spike_shift_ms", "spikes_per_cell", "spikes_total")
    yardsticks = {"floor": dict.fromkeys(names, 0.0), "step_error": dict.fromkeys(names, 0.0)}
    yardsticks["step_error"].update(vs_mv=2 * LIMIT, v1_mv=100.0)
    return judge(run, truth, kernel, yardsticks, "jax-cpu-f64")


def by_own(run, own, truth=None, kernel=HH):
    truth = run_of(cells=run.trace.shape[1]) if truth is None else truth
    return judge_by_own(found_by_stored(run, truth, kernel), run, truth, own)


def of_steps(*vs_mv, unmatched=()):
    counts = np.zeros(len(vs_mv), np.int64)
    counts[list(unmatched)] = 1
    return StepErrors(np.array(vs_mv), counts)


def test_a_cell_is_held_to_half_of_its_own_step_error():
    own = of_steps(0.0, 1.0, 0.0, 0.0, 0.0)
    within, beyond = by_own(run_of(off=[(1, 0.5)]), own), by_own(run_of(off=[(1, 0.6)]), own)
    assert within.word == USABLE
    assert within.own
    assert (within.errors["vs_mv"], within.limit("vs_mv")) == (pytest.approx(rms(0.5)), 0.5)
    assert beyond.word == UNUSABLE
    assert beyond.errors["vs_mv"] > beyond.limit("vs_mv") == 0.5


def test_another_cells_step_error_excuses_none():
    verdict = by_own(run_of(off=[(2, 0.3)]), of_steps(0.0, 1.0, 0.0, 0.0, 0.0))
    assert (verdict.word, verdict.limit("vs_mv")) == (UNUSABLE, LIMIT)


def test_a_cell_whose_spike_hangs_on_the_step_is_held_to_the_worst_of_all():
    own = of_steps(0.0, 2.0, 0.0, 0.0, 0.0, unmatched=[3])
    assert by_own(run_of(off=[(3, 1.0)]), own).word == USABLE
    assert by_own(run_of(off=[(3, 1.3)]), own).word == UNUSABLE  # rms 1.13
    assert by_own(run_of(off=[(2, 1.0)]), own).word == UNUSABLE


def test_a_spike_that_half_the_step_loses_too_is_excused_in_its_own_cell_alone():
    own = of_steps(*[0.0] * CELLS, unmatched=[0, 1])
    two_lost = run_of(spikes=[(0, 0), (0, 1)])
    assert found_by_stored(run_of(), two_lost).word == UNUSABLE
    assert by_own(run_of(), own, two_lost).errors["spikes_unmatched"] == 0
    assert by_own(run_of(), own, two_lost).word == USABLE
    elsewhere = by_own(run_of(), own, run_of(spikes=[(0, 2), (0, 3)]))
    assert (elsewhere.word, elsewhere.errors["spikes_unmatched"]) == (UNUSABLE, 2)


@pytest.mark.parametrize(("cells", "word"), [(SPARED - 1, UNUSABLE), (SPARED, USABLE)])
def test_one_cell_in_ten_thousand_is_held_to_the_worst_of_all(cells, word):
    own = StepErrors(np.where(np.arange(cells) == 7, 2.0, 0.0), np.zeros(cells, np.int64))
    assert by_own(run_of(cells=cells, off=[(9, 1.0)]), own).word == word
    assert by_own(run_of(cells=cells, off=[(9, 1.3)]), own).word == UNUSABLE
    assert by_own(run_of(cells=cells, off=[(9, 1.0), (10, 1.0)]), own).word == UNUSABLE


def counted(*spikes_more):
    """A lif run in which cells have so many spikes more than in the truth."""
    spikes = [(1, cell) for cell, more in enumerate(spikes_more) for _ in range(more)]
    return run_of(LIF, spikes=[(0, cell) for cell in range(CELLS) for _ in range(9)] + spikes)


def test_four_times_the_cells_that_float32_has_beyond_may_be_two_spikes_further_off_than_its_worst():
    own, verdict = (
        CountErrors(worst=6.0, beyond=1),
        Verdict(UNUSABLE, {"spikes_per_cell": 9.0}, {"spikes_per_cell": 0.25}, {"spikes_per_cell": 0.0}),
    )

    def word(*more):
        return judge_by_own(verdict, counted(*more), counted(), own).word

    assert word(8, 8, 8, 8, 1) == USABLE
    assert word(8, 8, 8, 8, 2) == UNUSABLE  # a fifth cell
    assert word(9, 0, 0, 0, 0) == UNUSABLE


def test_what_is_no_count_is_not_excused():
    verdict = judge_by_own(found_by_stored(counted(8), counted(), LIF), counted(8), counted(), CountErrors(2.0, 1))
    assert verdict.errors["spikes_total"] > verdict.limit("spikes_total")
    assert verdict.word == UNUSABLE


def test_the_decider_is_the_cell_nearest_to_its_limit_or_furthest_beyond():
    errors, limits = np.array([1.0, 3.0, 0.5]), np.array([2.0, 4.0, 0.6])
    assert deciding(errors, limits, 0, 9.0) == (0.5, 0.6)
    assert deciding(errors, limits, 1, 9.0) == (3.0, 4.0)
    assert deciding(np.array([8.0, 1.0]), np.array([2.0, 4.0]), 1, 5.0) == (8.0, 5.0)


def test_own_yardsticks_are_those_of_half_the_step_and_of_the_worst_float32_run():
    found = step_errors(run_of(off=[(1, 0.5)], spikes=[(2, 4)]), run_of())
    assert found.vs_mv == pytest.approx([0, rms(0.5), 0, 0, 0])
    assert found.unmatched.tolist() == [0, 0, 0, 0, 1]
    assert count_errors([counted(1, 1, 2), counted(0, 3), counted()], counted(), 1.0) == CountErrors(3.0, 1)


def test_own_yardsticks_help_only_where_nothing_else_is_beyond():
    def verdict(**errors):
        limits = dict.fromkeys(errors, 1.0)
        return Verdict(UNUSABLE, errors, limits, limits)

    assert may_help(verdict(vs_mv=5.0, spikes_unmatched=9.0, v1_mv=1.0))
    assert may_help(verdict(spikes_per_cell=5.0, spikes_total=0.0))
    assert not may_help(verdict(vs_mv=5.0, v1_mv=5.0))
    assert not may_help(verdict(vs_mv=math.inf, spike_shift_ms=math.inf))
    assert not may_help(verdict(vs_mv=5.0, spike_shift_ms=math.nan))
    assert not may_help(Verdict(FAITHFUL, {"vs_mv": 0.0}, {"vs_mv": 1.0}, {"vs_mv": 1.0}))


def test_a_run_that_is_longer_than_its_truth_is_compared_over_the_truth():
    longer = run_of(milliseconds=5, off=[(1, 0.5)])
    assert by_own(longer, of_steps(0.0, 1.0, 0.0, 0.0, 0.0), run_of()).word == USABLE
