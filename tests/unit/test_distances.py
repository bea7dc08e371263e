"""Each measure is a distance: a run is at none from itself, whatever its arrays hold, unless it cannot be compared."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from model.kernels import KERNELS
from neurochip_bench.accuracy import measure
from neurochip_bench.run import Run

COUNTED = {"steps_per_ms": st.integers(1, 80), "spikes_at": st.integers(0, 1), "every": st.integers(1, 3)}


SOME = settings(max_examples=40)
KERNEL = st.sampled_from(list(KERNELS.values()))


@st.composite
def runs(draw, kernel, finite=True):
    """A run of a kernel in any precision, of any potentials, states and codes; its last state is its trace's."""
    counted = {name: draw(values) for name, values in COUNTED.items()}
    milliseconds, cells = draw(st.integers(1, 6)) * counted["every"], draw(st.integers(1, 4))
    rows, dtype = len(kernel.state_names(draw(st.booleans()))), draw(st.sampled_from([np.float32, np.float64]))
    numbers = st.floats(width=32, allow_nan=not finite, allow_infinity=not finite)

    def of_shape(*shape):
        return draw(arrays.arrays(dtype, shape, elements=numbers))

    state, first, trace = (
        of_shape(rows, cells),
        of_shape(rows, cells),
        of_shape(milliseconds // counted["every"] + 1, cells),
    )
    state[0] = trace[-1]
    codes = draw(arrays.arrays(np.int32, (milliseconds, cells), elements=st.integers(-(2**31), 2**31 - 1)))
    if counted["every"] == 1:
        first[0] = trace[1]  # both are the potential after the first millisecond
    return Run(state, first, trace, codes, **counted)


@SOME
@given(KERNEL, st.data())
def test_a_run_is_at_no_distance_from_itself(kernel, data):
    run = data.draw(runs(kernel))
    assert set(measure(run, run, kernel).values()) == {0.0}


@SOME
@given(KERNEL, st.data())
def test_a_run_that_is_not_finite_is_infinitely_far_also_from_itself(kernel, data):
    run = data.draw(runs(kernel, finite=False))
    finite = all(np.isfinite(array).all() for array in (run.state, run.first, run.trace))
    assert set(measure(run, run, kernel).values()) == ({0.0} if finite else {math.inf})


@SOME
@given(KERNEL, st.data())
def test_two_runs_are_as_far_from_each_other_both_ways_round_but_for_the_relative_total(kernel, data):
    run, seed = data.draw(runs(kernel)), data.draw(st.integers(0, 99))
    codes = np.random.default_rng(seed).permutation(run.codes)
    kept = {"steps_per_ms": run.steps_per_ms, "spikes_at": run.spikes_at, "every": run.every}
    other = Run(run.state, run.first, run.trace, codes, **kept)
    there, back = measure(run, other, kernel), measure(other, run, kernel)
    for name in set(there) - {"spikes_total"}:
        assert there[name] == pytest.approx(back[name])


@pytest.mark.parametrize("shape", [(0, 2), (1, 0)], ids=["no millisecond", "no cell"])
def test_a_run_of_nothing_is_infinitely_far_also_from_itself(shape):
    milliseconds, cells = shape
    state, codes = np.zeros((4, cells)), np.zeros(shape, np.int32)
    run = Run(state, state, np.zeros((milliseconds + 1, cells)), codes)
    assert set(measure(run, run, KERNELS["hh"]).values()) == {math.inf}


def test_an_oscillation_is_at_no_distance_from_itself():
    kernel, milliseconds = KERNELS["io"], 3000
    trace = np.random.default_rng(0).normal(-50, 10, (milliseconds + 1, 3))
    trace[:, 1] += 1e6 * np.exp(-np.arange(milliseconds + 1) / 500)[:]  # most of it slower than its slowest line
    first = np.full((len(kernel.states), 3), 0.5)
    first[0] = trace[1]
    state = np.array([trace[-1], *first[1:]])
    run = Run(state, first, trace, np.zeros((milliseconds, 3), np.int32), steps_per_ms=40)
    distances = measure(run, run, kernel)
    assert {"period_ms", "amplitude_mv", "phase_rad"} <= set(distances)
    assert set(distances.values()) == {0.0}
