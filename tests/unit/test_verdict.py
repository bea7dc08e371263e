"""The verdict's words: where each begins and ends, from both sides, for each measure."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from model.kernels import KERNELS
from neurochip_bench.accuracy import FAITHFUL, MEASURES, UNDEFINED, UNUSABLE, USABLE, Verdict, judge, verdict
from neurochip_bench.accuracy.verdict import least_floor, usable_limit
from neurochip_bench.run import Run

F, D = 1.0, 24.0  # faithful up to 4, usable up to 12


def above(value):
    return math.nextafter(value, math.inf)


def some_run():
    return Run(np.zeros((4, 1)), np.zeros((4, 1)), np.zeros((2, 1)), np.zeros((1, 1), np.int32), steps_per_ms=40)


@pytest.fixture
def word(monkeypatch):
    """The word on a run with an error in one measure and none in all others."""

    def judged(name, error, floor=F, step_error=D):
        errors = {**dict.fromkeys(MEASURES, 0.0), name: error}
        yardsticks = {"floor": dict.fromkeys(MEASURES, floor), "step_error": dict.fromkeys(MEASURES, step_error)}
        monkeypatch.setattr(verdict, "measure", lambda run, truth, kernel: errors)
        return judge(some_run(), some_run(), KERNELS["hh"], yardsticks).word

    return judged


@pytest.mark.parametrize("name", MEASURES)
def test_faithful_ends_at_four_f(word, name):
    assert word(name, 4 * F) == FAITHFUL
    assert word(name, above(4 * F)) == USABLE


@pytest.mark.parametrize("name", MEASURES)
def test_usable_ends_at_half_of_d(word, name):
    assert word(name, D / 2) == USABLE
    assert word(name, above(D / 2)) == UNUSABLE


@pytest.mark.parametrize("name", MEASURES)
def test_nothing_is_usable_only_where_half_of_d_is_below_four_f(word, name):
    assert word(name, 4 * F, step_error=7.9) == FAITHFUL
    assert word(name, above(4 * F), step_error=7.9) == UNUSABLE


@pytest.mark.parametrize("name", MEASURES)
def test_f_is_never_below_its_least(word, name):
    least = 4 * least_floor(name, KERNELS["hh"])
    assert word(name, least, floor=0.0, step_error=0.0) == FAITHFUL
    assert word(name, above(least), floor=0.0, step_error=0.0) == UNUSABLE


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("error", [math.inf, math.nan])
def test_what_is_no_number_is_unusable(word, name, error):
    assert word(name, error) == UNUSABLE


def test_the_least_floors_are_a_quarter_step_a_quarter_spike_and_eight_roundings():
    for kernel in map(KERNELS.get, KERNELS.own):
        assert {name: least_floor(name, kernel) for name in MEASURES if name != "i1_ua" or kernel.synaptic} == {
            "v1_mv": 8 * 80 / 2**24,
            **({"i1_ua": 8 / 2**24} if kernel.synaptic else {}),
            "vs_mv": 8 * 80 / 2**24,
            "spikes_unmatched": 0.25,
            "spike_shift_ms": 0.00625,
            "spikes_per_cell": 0.25,
            "spikes_total": 0.0,
            "period_ms": 0.00625,
            "amplitude_mv": 8 * 80 / 2**24,
            "phase_rad": 2 * math.pi * 0.00625 / 125,
        }


def test_the_least_floors_follow_the_ranges_that_a_kernel_declares():
    small = replace(KERNELS["hh"], ranges={**KERNELS["hh"].ranges, "V": (-2.0, 1.0), "I_syn": (0.0, 8.0)})
    assert least_floor("v1_mv", small) == least_floor("vs_mv", small) == 8 * 2 / 2**24
    assert least_floor("i1_ua", small) == 8 * 4 / 2**24
    assert small.scale_of("m") == small.scale == 2.0


@pytest.mark.parametrize(("floor", "step_error", "limit"), [(1.0, 24.0, 12.0), (1.0, 8.0, 4.0), (3.0, 8.0, 12.0)])
def test_the_usable_limit_is_the_larger_of_four_f_and_half_of_d(floor, step_error, limit):
    assert usable_limit(floor, step_error) == limit
    assert Verdict(USABLE, {"v1_mv": 0.0}, {"v1_mv": floor}, {"v1_mv": step_error}).limit("v1_mv") == limit


@pytest.mark.parametrize("spoilt", ["trace", "first"])
def test_a_truth_that_is_not_finite_leaves_the_verdict_undefined(spoilt):
    truth = some_run()
    getattr(truth, spoilt)[-1, 0] = np.nan
    yardsticks = {"floor": dict.fromkeys(MEASURES, F), "step_error": dict.fromkeys(MEASURES, D)}
    assert judge(some_run(), truth, KERNELS["hh"], yardsticks).word == UNDEFINED


def test_a_verdict_explains_each_measure_with_both_limits():
    line = Verdict(USABLE, {"v1_mv": 5.0}, {"v1_mv": 1.0}, {"v1_mv": 24.0}, 100).explain()
    assert line == "usable over 100 ms: v1_mv 5 (faithful to 4, usable to 12)"
