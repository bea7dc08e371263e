"""Each measure on runs of a few cells, its value computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from model.kernels import KERNELS
from neurochip_bench.accuracy import MEASURES, measure
from neurochip_bench.accuracy.measures import DISTANCES, matched, partners
from neurochip_bench.run import Run

HH, LIF, IO = KERNELS["hh"], KERNELS["lif"], KERNELS["io"]
STEPS = 40


def run_of(kernel=HH, milliseconds=20, cells=3, connected=False, spikes=(), trace=None, first=None):
    """A recorded run at rest, but for `trace` and `first` ((row, cell): value) and spikes at (ms, cell, code)."""
    rows = len(kernel.state_names(connected))
    potentials, after = np.full((milliseconds + 1, cells), -60.0), np.full((rows, cells), 0.5)
    after[0] = -60.0
    for place, value in (trace or {}).items():
        potentials[place] = value
    for place, value in (first or {}).items():
        after[place] = value
    codes = np.zeros((milliseconds, cells), np.int32)
    for millisecond, cell, code in spikes:
        codes[millisecond, cell] = code
    state = np.array([potentials[-1], *after[1:]])
    return Run(state, after, potentials, codes, steps_per_ms=STEPS, spikes_at=kernel.spikes_at)


def found(kernel=HH, connected=False, mine=None, theirs=None, **both):
    return measure(
        run_of(kernel, connected=connected, **both, **(mine or {})),
        run_of(kernel, connected=connected, **both, **(theirs or {})),
        kernel,
    )


def once(step):
    """The code of one spike in a millisecond, after so many of its steps."""
    return STEPS + step


def test_every_measure_belongs_to_one_distance():
    assert sorted(name for names in DISTANCES.values() for name in names) == sorted(MEASURES)


def test_v1_is_the_worst_potential_or_gate_of_which_the_range_counts_as_80_mv():
    assert found(mine={"first": {(0, 1): -59.75}})["v1_mv"] == 0.25
    assert found(mine={"first": {(0, 1): -59.75, (2, 2): 0.5 + 2**-6}})["v1_mv"] == 80 / 2**6
    assert found(mine={"first": {(0, 1): -59.75, (2, 2): 0.5 + 2**-10}})["v1_mv"] == 0.25


def test_v1_takes_the_traces_own_sample():
    assert found(mine={"trace": {(1, 2): -59.5}})["v1_mv"] == 0.5


def test_v1_of_a_map_spares_one_cell_in_ten_thousand():
    many = {"kernel": LIF, "milliseconds": 1, "cells": 10_000}
    assert found(**many, mine={"first": {(0, 7): 1.0}})["v1_mv"] == 0.0
    assert found(**many, mine={"first": {(0, 7): 1.0, (0, 8): -59.5}})["v1_mv"] == 0.5
    few = {**many, "cells": 9_999}
    assert found(**few, mine={"first": {(0, 7): -59.0}})["v1_mv"] == 1.0


def test_v1_of_a_connected_map_counts_its_synaptic_current_which_elsewhere_is_i1():
    moved = {"first": {(-1, 1): 0.75}}
    assert found(LIF, connected=True, mine=moved)["v1_mv"] == 0.25
    connected = found(HH, connected=True, mine=moved)
    assert (connected["v1_mv"], connected["i1_ua"]) == (0.0, 0.25)
    assert "i1_ua" not in found(HH)


def test_vs_is_the_rms_of_the_worst_cell():
    moved = {(5, 0): -59.0, (6, 0): -63.0, (9, 1): -58.0}
    assert found(mine={"trace": moved})["vs_mv"] == pytest.approx(math.sqrt((1 + 9) / 21))


@pytest.mark.parametrize("who", ["mine", "theirs"])
def test_vs_ends_two_milliseconds_before_the_first_spike_of_either(who):
    spikes = {"spikes": [(10, 0, once(19))]}  # at 10.5 ms: the samples up to 8.5 ms count
    moved = {"trace": {(8, 0): -57.0, (9, 0): 40.0}}
    sides: dict[str, dict] = {"mine": moved, "theirs": {}}
    sides[who] = {**sides[who], **spikes}
    assert found(**sides)["vs_mv"] == pytest.approx(math.sqrt(9 / 9))


def test_vs_looks_at_a_hundred_milliseconds():
    long = {"milliseconds": 120}
    assert found(**long, mine={"trace": {(100, 0): -59.0}})["vs_mv"] == pytest.approx(math.sqrt(1 / 101))
    assert found(**long, mine={"trace": {(101, 0): -59.0}})["vs_mv"] == 0.0


def test_a_spike_without_a_partner_is_unmatched_on_either_side():
    spike = {"spikes": [(4, 1, once(3))]}
    assert found(mine=spike)["spikes_unmatched"] == 1
    assert found(theirs=spike)["spikes_unmatched"] == 1
    assert (
        found(mine=spike, theirs={"spikes": [(4, 2, once(3))]})["spikes_unmatched"] == 2
    )  # another cell is no partner


def test_further_spikes_of_a_millisecond_are_partners_of_as_many_in_the_same():
    twice, thrice = ({"spikes": [(4, 1, number * STEPS + 3)]} for number in (2, 3))
    assert found(mine=twice, theirs={"spikes": [(4, 1, once(3))]})["spikes_unmatched"] == 1
    assert found(theirs=twice, mine={"spikes": [(4, 1, once(3))]})["spikes_unmatched"] == 1
    assert found(mine=thrice, theirs=twice)["spikes_unmatched"] == 1
    assert found(mine=twice, theirs=twice)["spikes_unmatched"] == 0
    elsewhere = {"spikes": [(5, 1, 2 * STEPS + 3)]}
    assert found(mine=twice, theirs=elsewhere)["spikes_unmatched"] == 2  # the first ones are a millisecond apart


def test_shift_is_the_rms_over_the_matched_spikes_of_all_cells():
    mine = {"spikes": [(4, 0, once(8)), (9, 1, once(0)), (12, 2, once(0))]}
    theirs = {"spikes": [(4, 0, once(4)), (8, 1, once(20)), (12, 2, once(0))]}
    distances = found(mine=mine, theirs=theirs)
    assert distances["spikes_unmatched"] == 0
    assert distances["spike_shift_ms"] == pytest.approx(math.sqrt((0.1**2 + 0.5**2 + 0) / 3))
    assert found()["spike_shift_ms"] == 0.0


def test_spikes_of_all_cells_at_once_are_matched_as_cell_by_cell():
    rng = np.random.default_rng(0)
    spikes = [rng.random((40, 60)) < 0.1 for _ in range(2)]
    codes = [np.where(s, STEPS + rng.integers(0, STEPS, s.shape), 0).astype(np.int32) for s in spikes]
    mine, theirs = (run_of(milliseconds=40, cells=60) for _ in range(2))
    mine.codes, theirs.codes = codes
    theirs.codes[:, :30] = np.where(rng.random((40, 30)) < 0.98, mine.codes[:, :30], 0)  # in step, but for a few
    unmatched, shifts = matched(mine, theirs)
    for cell in range(60):
        trains = [times[~np.isnan(times)] for times in (mine.spike_times[:, cell], theirs.spike_times[:, cell])]
        pairs = partners(*trains)
        assert unmatched[cell] == sum(map(len, trains)) - 2 * len(pairs)
        assert shifts[: len(pairs)].tolist() == pairs
        shifts = shifts[len(pairs) :]
    assert not len(shifts)


def test_partners_are_at_most_five_milliseconds_apart_and_in_order():
    assert partners(np.array([10.0]), np.array([15.0])) == [-5.0]
    assert partners(np.array([10.0]), np.array([5.0])) == [5.0]
    assert partners(np.array([10.0]), np.array([15.001])) == []
    assert partners(np.array([10.0]), np.array([4.999])) == []
    assert partners(np.array([1.0, 20.0, 41.0]), np.array([21.0, 40.0])) == [-1.0, 1.0]


def test_counts_of_a_map_are_the_worst_cells_and_the_relative_total():
    mine = {"spikes": [(0, 0, 2 * STEPS), (1, 0, once(0)), (2, 1, once(0))]}
    theirs = {"spikes": [(0, 0, once(0)), (1, 0, 2 * STEPS), (2, 1, once(0)), (3, 2, 2 * STEPS)]}
    distances = found(LIF, mine=mine, theirs=theirs)
    assert distances["spikes_per_cell"] == 2  # of cell 2; cell 0 is 1 ahead after its first millisecond
    assert distances["spikes_total"] == pytest.approx(2 / 6)
    early = found(LIF, mine={"spikes": [(0, 0, once(0))]}, theirs={"spikes": [(5, 0, once(0))]})
    assert (early["spikes_per_cell"], early["spikes_total"]) == (1, 0)


def test_an_oscillation_is_measured_from_three_seconds_on_and_only_where_there_is_one():
    names = {"period_ms", "amplitude_mv", "phase_rad"}
    assert not names & set(found(IO, milliseconds=2999))
    assert names <= set(found(IO, milliseconds=3000))
    assert not names & set(found(HH, milliseconds=3000))


def test_what_is_not_comparable_is_infinitely_far_in_every_measure():
    truth = run_of()
    distances = measure(Run(truth.state), truth, HH)
    assert set(distances) == {"v1_mv", "vs_mv", "spikes_unmatched", "spike_shift_ms"}
    assert set(distances.values()) == {math.inf}
