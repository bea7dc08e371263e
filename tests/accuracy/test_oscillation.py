"""Long runs of the inferior olive: period, amplitude and phase of its oscillation."""

from __future__ import annotations

import numpy as np
import pytest

from model.kernels import KERNELS
from neurochip_bench.accuracy import FAITHFUL, UNUSABLE, judge, measure
from neurochip_bench.accuracy.cases import CASES
from neurochip_bench.backends import BACKENDS
from neurochip_bench.run import Run
from tests.accuracy.test_reference import program_of

IO = KERNELS["io"]
MILLISECONDS = 3000
FIRST = np.zeros((14, 2))


def wave(period=123.0, amplitude=5.0, phase=0.0):
    t = np.arange(MILLISECONDS + 1)[:, None] * np.ones((1, 2))
    trace = -60.0 + amplitude * np.cos(2 * np.pi * t / period + phase)
    return Run(np.repeat(trace[-1:], 14, axis=0), FIRST, trace, np.zeros((MILLISECONDS, 2), np.int32), steps_per_ms=40)


@pytest.mark.parametrize(
    ("changed", "name", "expected"),
    [
        ({"period": 123.2}, "period_ms", 0.2),
        ({"amplitude": 5.1}, "amplitude_mv", 0.1),  # between two spectral lines some of it is lost
        ({"phase": 0.05}, "phase_rad", 0.05),
        ({"phase": -0.05}, "phase_rad", 0.05),
    ],
)
def test_change_of_a_cosine_is_measured(changed, name, expected):
    found = measure(wave(**changed), wave(), IO)[name]
    assert abs(found - expected) <= 0.05 * expected


def test_short_runs_have_no_oscillation_measures():
    short = wave().head(MILLISECONDS - 1)
    assert "period_ms" not in measure(short, short, IO)


def test_silent_cells_have_no_oscillation_to_lose():
    silent = wave(amplitude=0.5)
    assert measure(silent, silent, IO)["phase_rad"] == 0.0


def standard(backend):
    """A run of the standard network by the program that runs it in test_reference.py."""
    return program_of(backend, CASES["io-connected-standard"]).run(MILLISECONDS)


@pytest.fixture(scope="module")
def stand_in(references):
    """A float64 run that may stand in for NumPy's, which takes half a minute: they agree over the first second."""
    if BACKENDS["jax-cpu-f64"].missing():
        pytest.skip(BACKENDS["jax-cpu-f64"].missing())
    truth = standard("jax-cpu-f64")
    stored, _ = references.case("io-connected-standard")  # NumPy's
    assert np.abs(truth.trace[: 1001 : stored.every] - stored.trace[: 1000 // stored.every + 1]).max() <= 1e-7
    return truth


@pytest.mark.slow  # ten seconds of model time: three seconds
def test_float32_keeps_the_oscillation(stand_in, references):
    verdict = judge(standard("jax-cpu-f32"), stand_in, IO, references.yardsticks("io", True, MILLISECONDS))
    assert verdict.word == FAITHFUL, verdict.explain()
    assert verdict.errors["phase_rad"] < 0.01


def test_oscillation_a_millisecond_late_is_unusable(stand_in, references):
    truth = stand_in
    late = np.concatenate([truth.trace[:200], truth.trace[199:-1]])  # late only after what the other measures look at
    state = truth.state.copy()
    state[0] = late[-1]
    run = Run(state, truth.first, late, truth.codes, steps_per_ms=40)
    verdict = judge(run, truth, IO, references.yardsticks("io", True, MILLISECONDS))
    assert verdict.word == UNUSABLE
    assert verdict.errors["phase_rad"] > verdict.limit("phase_rad")
    assert verdict.errors["vs_mv"] == 0.0
