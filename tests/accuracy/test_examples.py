"""The kernels and the backend of `examples` keep what those of this project keep, on every library that is here."""

from __future__ import annotations

import numpy as np
import pytest

from model.coupling import FORMULATIONS
from model.kernels import KERNELS
from model.kernels.accumulation import ACCUMULATIONS
from model.network import build, drive
from neurochip_bench.accuracy import RIGHT, judge
from neurochip_bench.accuracy.cases import walk
from neurochip_bench.accuracy.yardsticks import yardsticks
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.backends.promises import PROMISES
from neurochip_bench.backends.trial import Trial
from tests.helpers.examples import CHIPS, MODELS

TRIED = ("numpy-cpu-f32", "jax-cpu-f32", "onnxruntime-cpu-f32")  # what runs them in seconds
ON_EACH = pytest.mark.parametrize(
    ("backend",),  # noqa: PT006 - to "backend" alone the suite's plugin would give every backend that is here
    [pytest.param(key, marks=[pytest.mark.skipif(bool(BACKENDS[key].missing()), reason="missing")]) for key in TRIED],
    indirect=True,
    scope="session",
)
NAMES = [kernel.name for kernel in MODELS]
KEPT = [name for name, promise in PROMISES.items() if promise.kernels == KERNELS.own] + ["agrees"]
MILLISECONDS = 20


@pytest.fixture(autouse=True)
def known(monkeypatch):
    for kernel in MODELS:
        monkeypatch.setitem(KERNELS, kernel.name, kernel)


@pytest.fixture(scope="module")
def tried():
    """Trials, each kept for the promises that follow."""
    return {}


@ON_EACH
@pytest.mark.parametrize("promise", KEPT)
@pytest.mark.parametrize("model", NAMES)
def test_every_backend_keeps_its_promises_with_an_own_kernel(backend, promise, model, tried):
    trial = tried.setdefault((backend.id, model), Trial(backend, model))
    PROMISES[promise].check(trial)


@ON_EACH
@pytest.mark.parametrize("connected", [False, True])
@pytest.mark.parametrize("model", NAMES)
def test_every_backend_is_right_with_an_own_kernel_by_computed_yardsticks(backend, model, connected):
    network = build(model, 4, connected).rounded()
    held = drive(network, MILLISECONDS)
    truth = BACKENDS[ORACLE].prepare(network).run(MILLISECONDS, held)
    own = yardsticks(network, truth, held, [MILLISECONDS])[str(MILLISECONDS)]
    verdict = judge(backend.prepare(network).run(MILLISECONDS, held), truth, KERNELS[model], own)
    assert verdict.word in RIGHT, verdict.explain()
    wrong = network.but(state=network.state + 1e-2 * KERNELS[model].scale)
    assert judge(backend.prepare(wrong).run(MILLISECONDS, held), truth, KERNELS[model], own).word not in RIGHT


@ON_EACH
@pytest.mark.parametrize("model", NAMES)
@pytest.mark.parametrize("accumulation", ACCUMULATIONS)
def test_a_walk_over_the_declared_ranges_is_the_oracles_to_rounding(backend, model, accumulation):
    network, kernel = walk(build(model, 4, True), gates=1.0).rounded(), KERNELS[model]
    rows = network.state[: len(kernel.states)]
    for name, row in zip(kernel.states, rows):
        low, high = kernel.ranges[name]
        assert low <= row.min() < row.max() <= high
    assert np.allclose(rows[0, : len(kernel.special)], kernel.special)
    chosen = {"accumulation": accumulation, "coupling": "padded"}
    run, truth = (b.prepare(network, **chosen).run(1) for b in (backend, BACKENDS[ORACLE]))
    off = np.abs(run.state - truth.state).max()
    assert off <= 1e-4 * kernel.scale


@pytest.mark.parametrize("backend_id", ["emulated-ieee"])
@pytest.mark.parametrize("model", NAMES)
def test_an_own_kernel_runs_in_a_chips_arithmetic(backend_id, model):
    emulated, jax = BACKENDS[backend_id], BACKENDS["jax-cpu-f32"]
    if emulated.missing():
        pytest.skip(emulated.missing())
    network = build(model, 4, True).rounded()
    assert np.array_equal(emulated.prepare(network).run(2).state, jax.prepare(network, "padded").run(2).state)


@pytest.mark.parametrize("model", NAMES)
@pytest.mark.parametrize("coupling", FORMULATIONS)
def test_an_own_kernel_is_exported_and_the_file_gives_the_same(model, coupling, tmp_path):
    export = pytest.importorskip("neurochip_bench.backends.onnx.export")
    session = pytest.importorskip("onnxruntime")
    network = build(model, 4, True).rounded()
    exported = export.export(network, coupling=coupling)
    opened = session.InferenceSession(exported.SerializeToString(), providers=["CPUExecutionProvider"])
    (given,) = (value for value in opened.get_inputs() if value.name == "state")
    after = opened.run(None, {given.name: network.state.astype(np.float32)})[0]
    assert after.shape == network.state.shape
    assert 0 < np.abs(after - network.state).max() <= 0.5 * KERNELS[model].scale


@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.id)
@pytest.mark.parametrize("promise", PROMISES)
def test_the_backend_of_the_example_keeps_every_promise(chip, promise):
    promised = PROMISES[promise]
    alike = promised.kernels == KERNELS.own and promise != "shapes"  # whose check is the same for all: the fastest does
    for kernel in promised.kernels[-1:] if alike else promised.kernels:
        promised.check(Trial(chip, kernel))
