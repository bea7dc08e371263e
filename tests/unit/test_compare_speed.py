"""What is said of times: rarely a word about identical code, and the right one about a slowdown."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from neurochip_bench.compare import speed
from neurochip_bench.compare.rank_test import critical
from neurochip_bench.compare.speed import FASTER, SAME, SLOWER, UNDECIDED, Logs, decide, drifts, shift

TIMES = st.lists(st.floats(-10, 10), min_size=1, max_size=9)
TRIALS = 2000


def called(processes, factor, noise, drift=0.0, told=0.0, alpha=speed.ALPHA):
    """How often each word falls, of rows whose new code takes `factor` times as long."""
    rng, words = np.random.default_rng(42), Counter[str]()
    for _ in range(TRIALS):
        base, new = (list(noise(rng, processes)) for _ in range(2))
        words[decide(shift(Logs(base, [t + math.log(factor) + drift for t in new]), alpha), told)] += 1
    return {word: count / TRIALS for word, count in words.items()}


def quiet(rng, count):
    """The noise that was measured between identical processes."""
    return rng.normal(0.0, speed.PROCESS_SD, count)


def shared(rng, count):
    """A machine that others use: every tenth process meets them, and takes up to twice as long."""
    return quiet(rng, count) + (rng.random(count) < 0.1) * rng.uniform(0.0, math.log(2), count)


@pytest.mark.parametrize("noise", [quiet, shared])
@pytest.mark.parametrize("processes", [5, 9])
def test_at_most_one_row_in_100_of_identical_code_is_called(noise, processes):
    words = called(processes, 1.0, noise)
    assert words.get(SLOWER, 0) + words.get(FASTER, 0) <= 0.01


def test_slowdown_of_1_3_is_found_in_nine_processes():
    words = called(9, 1.3, quiet)
    assert words[SLOWER] > 0.85
    assert FASTER not in words


def test_slowdown_of_1_3_of_four_rows_is_found_where_sides_did_not_take_turns():
    def whole(rng, count):  # the mean over four rows of a backend
        return quiet(rng, count) / 2

    assert called(9, 1.3, whole, alpha=speed.APART)[SLOWER] > 0.99
    assert called(9, 1.3, quiet, alpha=speed.APART)[SLOWER] > 0.6


def test_single_runs_of_identical_code_are_undecided():
    words = called(1, 1.0, quiet)
    assert words[UNDECIDED] > 0.99


@given(factor=st.floats(1 / 1.5, 1.5))
def test_single_runs_decide_nothing_below_1_5(factor):
    assert decide(shift(Logs([0.0], [0.999 * math.log(factor)]))) == UNDECIDED


@given(
    sizes=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    spread=st.floats(0, 0.3),
    beyond=st.sampled_from([0.0, math.log(1.1)]),
    drift=st.sampled_from([None, -0.2, 0.0, 0.2]),
)
def test_least_ratio_is_the_one_from_which_on_slower_is_called(sizes, spread, beyond, drift):
    base, new = ([0.01 * i for i in range(n)] for n in sizes)
    still = shift(Logs(base, new), spread=spread)
    bound = speed.least(still, beyond, drift)
    for extra, expected in ((-1e-6, False), (1e-6, True)):
        found = shift(Logs(base, [t + bound - still.log + extra for t in new]), spread=spread)
        assert (decide(found, drift) == SLOWER and found.low > beyond) == expected


def test_one_process_a_side_decides_from_about_1_75_on():
    still = shift(Logs([0.0], [0.0]))
    assert [math.exp(speed.least(still, beyond)) for beyond in (0.0, math.log(1.1))] == pytest.approx(
        [1.75, 1.92], 0.01
    )


def test_single_runs_decide_what_is_large():
    assert [decide(shift(Logs([0.0], [math.log(factor)]))) for factor in (2.0, 0.5)] == [SLOWER, FASTER]


def test_single_runs_never_claim_to_be_the_same():
    assert decide(shift(Logs([0.0], [0.0]))) == UNDECIDED
    assert decide(shift(Logs([0.0] * 9, [0.0] * 9))) == SAME


def test_change_that_is_sure_but_small_is_no_slowdown():
    base = [1e-4 * i for i in range(9)]
    assert decide(shift(Logs(base, [t + math.log(1.04) for t in base]))) == SAME
    assert decide(shift(Logs(base, [t + math.log(1.06) for t in base]))) == SLOWER


def test_drift_of_the_machine_that_other_libraries_tell_is_no_slowdown():
    drift = math.log(1.3)
    blind = called(9, 1.0, quiet, drift)
    told = called(9, 1.0, quiet, drift, told=drift)
    assert blind[SLOWER] > 0.8
    assert told.get(SLOWER, 0) + told.get(FASTER, 0) <= 0.01
    assert called(9, 1.3, quiet, drift, told=drift)[SLOWER] > 0.85


def test_drift_that_nobody_tells_leaves_everything_below_1_5_undecided():
    base = [1e-3 * i for i in range(9)]
    words = [decide(shift(Logs(base, [t + math.log(factor) for t in base])), None) for factor in (1.4, 1.6)]
    assert words == [UNDECIDED, SLOWER]


def test_each_library_is_held_against_the_others():
    found = drifts({"jax": [0.3, 0.3], "numpy": [0.0], "tensorflow": [0.1, -0.1, 0.0]})
    assert found == {"jax": 0.0, "numpy": 0.15, "tensorflow": 0.15}
    assert drifts({"jax": [0.3]}) == {"jax": None}


@given(m=st.integers(7, 12), n=st.integers(7, 12), alpha=st.sampled_from([speed.ALPHA, speed.APART]))
def test_rank_test_rejects_as_scipys_exact_one(m, n, alpha):
    u = critical(m, n, alpha)
    assert pvalue(m, n, u) <= alpha < pvalue(m, n, u + 1)


def test_rank_test_needs_five_processes_a_side_or_seven():
    assert [critical(n, n, speed.ALPHA) >= 0 for n in (1, 4, 5)] == [False, False, True]
    assert [critical(n, n, speed.APART) >= 0 for n in (1, 6, 7)] == [False, False, True]


def pvalue(m, n, u):
    """SciPy's for samples that have just this U."""
    below = np.minimum(np.maximum(u - n * np.arange(m), 0), n)  # how many of n each of m has below it
    base = below + np.arange(m) * 1e-3 - 0.5
    result = mannwhitneyu(base, np.arange(n, dtype=float), alternative="two-sided", method="exact")
    assert result.statistic == u
    return result.pvalue


@given(base=TIMES, new=TIMES, by=st.floats(-5, 5))
def test_shift_follows_the_times_and_turns_with_the_sides(base, new, by):
    found = shift(Logs(base, new))
    assert found.low <= found.log <= found.high
    back, moved = shift(Logs(new, base)), shift(Logs(base, [t + by for t in new]))
    assert (-back.log, -back.high, -back.low) == pytest.approx((found.log, found.low, found.high), abs=1e-9)
    assert moved.log == pytest.approx(found.log + by, abs=1e-9)


@pytest.mark.parametrize("factor", [1.0, 3.0])
def test_noise_of_few_processes_is_told_by_all_rows(factor):
    rng = np.random.default_rng(1)
    logs = list(factor * 0.2 * rng.standard_normal(200))
    rows = [Logs([a], [b]) for a, b in zip(logs[::2], logs[1::2])]
    assert speed.noise(rows) == pytest.approx(factor * 0.2, rel=0.3)
    assert speed.noise(rows[:4]) == 0.0
    assert speed.noise([Logs(row.base, [row.new[0] + 1.0]) for row in rows]) == pytest.approx(speed.noise(rows))
