"""Compensated accumulation: every backend has it, it lowers the error, and it costs nothing that is not asked."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from model.kernels import DT, KERNELS
from model.kernels.accumulation import Compensated
from model.network import build, drive
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.backends.ops import NumpyOps

MILLISECONDS = 20
ONE_PRECISION = True


@lru_cache(maxsize=None)
def prepared(backend, kernel, accumulation):
    program = backend.prepare(build(kernel, 4, connected=False).rounded(), accumulation=accumulation)
    assert program.settings.accumulation == accumulation
    return program


@lru_cache(maxsize=None)
def trace(backend, kernel, accumulation):
    program = prepared(backend, kernel, accumulation)
    program.reset()
    return program.run(MILLISECONDS, drive(program.network, MILLISECONDS))


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


def test_an_addition_takes_up_what_the_one_before_it_lost():
    add, total, change = Compensated([("V", np.float32(0))]), np.float32(1), np.float32(2.0**-25)
    for _ in range(2**10):
        assert np.float32(1) + change == 1  # added plainly, it is lost
        total = add("V", total, change)
    assert total == np.float32(1 + 2.0**-15)


@pytest.mark.parametrize("name", [name for name, kernel in KERNELS.items() if kernel.map_dt is None])
def test_each_state_is_added_to_once_and_by_its_name(name):
    kernel, added = KERNELS[name], []

    def add(state, value, change):
        added.append(state)
        return value + change

    rows = list(kernel.initial(3, np.random.default_rng(0)))
    kernel.step(NumpyOps(np.float64), rows, kernel.parameters, lambda signal: 0.0, 0.0, DT, "safe", add)
    assert sorted(added) == sorted(kernel.states)


def test_what_was_lost_is_kept_between_runs_and_forgotten_by_reset(backend):
    program = prepared(backend, "hh", "compensated")
    program.reset()
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
