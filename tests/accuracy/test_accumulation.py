"""Compensated accumulation: every backend has it, it lowers the error, and it costs nothing that is not asked."""

from __future__ import annotations

import numpy as np
import pytest

from model.network import build, drive
from neurochip_bench.backends import BACKENDS, ORACLE

MILLISECONDS = 40


ONE_PRECISION = True


def trace(backend, kernel, accumulation, connected=False):
    network = build(kernel, 4, connected).rounded()
    program = backend.prepare(network, accumulation=accumulation)
    assert program.settings.accumulation == accumulation
    return program.run(MILLISECONDS, drive(network, MILLISECONDS))


def error(run, oracle):
    return np.sqrt(np.mean((run.trace - oracle.trace) ** 2))


def test_compensation_lowers_the_error_of_float32_severalfold(backend):
    if backend.precision == "f64":
        pytest.skip("float64 has no error to lower")
    assert_lowered(backend, "hh")


def test_compensation_lowers_the_error_of_the_olives_fourteen_states():
    assert_lowered(BACKENDS["numpy-cpu-f32"], "io")


def assert_lowered(backend, kernel):
    oracle = trace(BACKENDS[ORACLE], kernel, "plain")
    plain, compensated = (trace(backend, kernel, name) for name in ("plain", "compensated"))
    assert compensated.state.shape == plain.state.shape
    assert error(compensated, oracle) < error(plain, oracle) / 3


def test_what_was_lost_is_kept_between_runs_and_forgotten_by_reset(backend):
    network = build("hh", 4).rounded()
    program = backend.prepare(network, accumulation="compensated")
    whole = program.run(6)
    program.reset()
    program.run(2)
    assert np.array_equal(program.run(4).state, whole.state)


def test_a_map_has_nothing_to_compensate(backend):
    with pytest.raises(ValueError, match="accumulation is 'compensated': expected 'plain' for lif"):
        backend.prepare(build("lif", 4), accumulation="compensated")


def test_unknown_accumulation_lists_the_known(backend):
    with pytest.raises(ValueError, match="unknown accumulation 'kahan': expected one of plain, compensated"):
        backend.prepare(build("io", 4), accumulation="kahan")
