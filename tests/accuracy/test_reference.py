"""The accuracy gate: every backend against the stored float64 runs, the oracle to a ten-millionth of a millivolt."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from model.kernels import DT, KERNELS
from neurochip_bench.accuracy import FAITHFUL, RIGHT, judge
from neurochip_bench.accuracy.cases import CASES
from neurochip_bench.accuracy.yardsticks import WINDOWS
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.suite.rows import marks_of

ORACLE_MV = 1e-7
MARKED = [pytest.param(name, marks=marks_of(case.kernel, case.connected)) for name, case in CASES.items()]


COMPILED = ("tensorflow", "jax")  # libraries that take a second for io
WIDEST = 15  # connections onto one olive of a stored case
PROGRAMS: dict = {}


def of_one_shape(network):
    """The same network of olives, in a shape that all of them have: by itself each has one of its own."""
    g_CaL = np.broadcast_to(network.parameters["g_CaL"], network.cells)
    incoming = np.bincount(network.targets)
    more = np.full(WIDEST - incoming.max(), incoming.argmax())  # connections of no weight
    return network.but(
        parameters={**network.parameters, "g_CaL": g_CaL},
        sources=np.append(network.sources, 0 * more),
        targets=np.append(network.targets, more),
        weights=np.append(np.broadcast_to(network.weights, network.connections), 0.0 * more),
        topology=None,
        seed=None,
    )


def program_of(backend, case):
    """A program for the network of a case; those that compile long share one where they can."""
    network = case.network()
    if BACKENDS[backend].library not in COMPILED:
        return BACKENDS[backend].prepare(network, dt=case.dt)
    network = of_one_shape(network) if case.kernel == "io" and case.connected else network
    shape = (backend, case.kernel, case.connected, case.dt)
    if shape in PROGRAMS:
        PROGRAMS[shape].reset(network)
    else:
        PROGRAMS[shape] = BACKENDS[backend].prepare(network, dt=case.dt)
    return PROGRAMS[shape]


@lru_cache(maxsize=None)
def run_case(backend, case):
    """A backend's run of a case; of a long one slow libraries make as much as has yardsticks of its own."""
    milliseconds, applied = case.milliseconds, case.applied(case.network())
    if BACKENDS[backend].library in ("numpy", "onnxruntime"):
        milliseconds = min(milliseconds, max(WINDOWS) if backend != "numpy-cpu-f32" else 20)
    return program_of(backend, case).run(milliseconds, None if applied is None else applied[:milliseconds])


def found_by_others(backend, case):
    """Why a case shows nothing of a backend that others do not, or None."""
    if backend.id == ORACLE or case.start == "standard":  # of each kernel and connectivity, for each backend
        return None
    if backend.precision == "f64":
        return "float32 walks the same paths"
    if not case.connected:
        return "a connected network walks the same paths"
    another = backend.library in COMPILED and case.kernel == "io" and case.dt != DT
    return "hh shows that another step is compiled in" if another else None


def assert_close(got, want, *, what):
    error = np.abs(got - want) / np.maximum(1.0, np.abs(want))  # absolute in mV, relative where numbers are huge
    assert np.all(error <= ORACLE_MV), f"{what}: largest error {error.max():.3g}, allowed {ORACLE_MV:.0e}"


@pytest.mark.cpu
@pytest.mark.parametrize("name", MARKED)
def test_oracle_reproduces_the_stored_run(references, name):
    case, (stored, _) = CASES[name], references.case(name)
    run = run_case(ORACLE, case)
    assert_close(run.first, stored.first, what="state after 1 ms")
    stored = stored.head(len(run.codes))
    assert_close(run.trace[:: case.every], stored.trace, what="trace")
    assert np.array_equal(run.codes, stored.codes), "a spike came at another step"
    if len(run.codes) == case.milliseconds:
        assert_close(run.state, stored.state, what="last state")


@pytest.mark.parametrize("name", MARKED)
def test_backend_is_right_on_the_stored_run(backend, references, name):
    case, (stored, yardsticks) = CASES[name], references.case(name)
    if reason := found_by_others(backend, case):
        pytest.skip(reason)
    run = run_case(backend.id, case)
    if len(run.codes) < case.milliseconds:
        stored = stored.head(len(run.codes))
        yardsticks = references.yardsticks(case.kernel, case.connected, len(run.codes))
    verdict = judge(run, stored, KERNELS[case.kernel], yardsticks)
    assert verdict.word in (RIGHT if backend.precision == "f32" else [FAITHFUL]), verdict.explain()
    if backend.precision == "f64" and case.dt == DT:
        assert_close(run.trace[:: case.every], stored.trace, what="trace")


def test_stored_spikes_cover_every_kernel(references):
    for kernel in KERNELS:
        spikes = [references.case(name)[0].spikes.sum() for name, case in CASES.items() if case.kernel == kernel]
        assert sum(spikes) > 50, f"{kernel} hardly spikes in its stored runs"


def test_kick_makes_every_cell_fire(references):
    run, _ = references.case("hh-connected-standard-kick")
    assert np.all(run.spikes.sum(axis=0) >= 1)


def test_walk_starts_where_calcium_saturates_and_rates_are_singular():
    state = dict(zip(KERNELS["io"].states, CASES["io-connected-walk"].network().state))
    assert (state["Ca"] > 500.0).any()
    assert (state["Ca"] < 500.0).any()
    assert -25.0 in state["V_s"]
    assert -25.0 in state["V_a"]
    assert -8.5 in state["V_d"]
    assert {-40.0, -55.0} <= set(CASES["hh-connected-walk"].network().state[0])


def test_inferior_olive_oscillates_in_its_stored_run(references):
    run, _ = references.case("io-connected-standard")
    settled = run.trace[len(run.trace) // 2 :]
    crossings = np.diff(np.sign(settled - settled.mean(axis=0)), axis=0) != 0
    assert np.median(crossings.sum(axis=0)) >= 10


def test_standard_yardsticks_serve_every_window(references):
    for kernel in KERNELS:
        for connected in (False, True):
            for window in (1, 100):
                assert set(references.yardsticks(kernel, connected, window)) == {"floor", "step_error"}


def test_stored_runs_are_small(references):
    sizes = [path.stat().st_size for path in references.folder.iterdir()]
    assert max(sizes) < 600_000
    assert sum(sizes) < 5_000_000


def test_every_case_is_stored_and_no_other(references):
    files = {path.stem for path in references.folder.glob("*.npz")}
    assert files == set(CASES) == set(references.manifest["cases"])
