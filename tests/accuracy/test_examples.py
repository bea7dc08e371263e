"""The kernels and the backend of `examples` keep what those of this project keep, on every library that is here."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from model.coupling import FORMULATIONS
from model.kernels import DT, KERNELS
from model.kernels.accumulation import ACCUMULATIONS
from model.network import build, drive
from neurochip_bench.accuracy import FAITHFUL, RIGHT, UNUSABLE, judge
from neurochip_bench.accuracy.cases import walk
from neurochip_bench.accuracy.yardsticks import yardsticks
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.backends.promises import PROMISES
from neurochip_bench.backends.trial import Trial
from tests.accuracy.test_delays import queued
from tests.accuracy.test_gates import FAULTS
from tests.accuracy.test_onnx_forms import ROUNDING, STEPS, after
from tests.accuracy.test_truth import STEPS as STEPS_OF_TRUTH
from tests.accuracy.test_truth import assert_first_order, lsoda
from tests.helpers.examples import CHIPS, MODELS

TRIED = ("numpy-cpu-f32", "jax-cpu-f32", "onnxruntime-cpu-f32")  # what runs them in seconds
ON_EACH = pytest.mark.parametrize(
    ("backend",),  # noqa: PT006 - to "backend" alone the suite's plugin would give every backend that is here
    [pytest.param(key, marks=[pytest.mark.skipif(bool(BACKENDS[key].missing()), reason="missing")]) for key in TRIED],
    indirect=True,
    scope="session",
)
NAMES = [kernel.name for kernel in MODELS]
KEPT = [
    *(("izhikevich", name) for name in ("shapes", "parts", "unrecorded", "forgets", "inputs", "per_cell", "agrees")),
    *(("fitzhugh_nagumo", name) for name in ("shapes", "parts", "agrees")),  # by what it has, its sum of gap junctions
]
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
@pytest.mark.parametrize(("model", "promise"), KEPT)
def test_every_backend_keeps_its_promises_with_an_own_kernel(backend, promise, model, tried):
    trial = tried.setdefault((backend.id, model), Trial(backend, model))
    PROMISES[promise].check(trial)


@lru_cache(maxsize=None)
def standard(model, connected):
    """The network of an own kernel, what drives it, its truth and yardsticks."""
    network = build(model, 4, connected).rounded()
    held = drive(network, MILLISECONDS)
    truth = BACKENDS[ORACLE].prepare(network).run(MILLISECONDS, held)
    return network, held, truth, yardsticks(network, truth, held, [MILLISECONDS])[str(MILLISECONDS)]


@ON_EACH
@pytest.mark.parametrize(("model", "connected"), [("izhikevich", True), ("fitzhugh_nagumo", False)])
def test_every_backend_is_right_with_an_own_kernel_by_computed_yardsticks(backend, model, connected):
    network, held, truth, own = standard(model, connected)
    program = backend.prepare(network)
    verdict = judge(program.run(MILLISECONDS, held), truth, KERNELS[model], own)
    assert verdict.word in RIGHT, verdict.explain()
    program.reset(network.but(state=network.state + 1e-2 * KERNELS[model].scale))
    assert judge(program.run(MILLISECONDS, held), truth, KERNELS[model], own).word not in RIGHT


@ON_EACH
@pytest.mark.parametrize(("model", "accumulation"), list(zip(NAMES, ACCUMULATIONS)))
def test_a_walk_over_the_declared_ranges_is_the_oracles_to_rounding(backend, model, accumulation):
    network, kernel = walk(build(model, 4, True), gates=1.0).rounded(), KERNELS[model]
    rows = network.state[: len(kernel.states)]
    for name, row in zip(kernel.states, rows):
        low, high = kernel.ranges[name]
        assert low <= row.min() < row.max() <= high
    assert np.allclose(rows[0, : len(kernel.special)], kernel.special)
    chosen = {"accumulation": accumulation, "coupling": "gather-scatter"}
    run, truth = (b.prepare(network, **chosen).run(1) for b in (backend, BACKENDS[ORACLE]))
    off = np.abs(run.state - truth.state).max()
    assert off <= 1e-4 * kernel.scale


def test_an_own_kernel_runs_in_a_chips_arithmetic():
    model, emulated, jax = "izhikevich", BACKENDS["emulated-ieee"], BACKENDS["jax-cpu-f32"]
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


@pytest.mark.parametrize("model", NAMES)
@pytest.mark.parametrize("coupling", [None, "padded", "gather-scatter"])
def test_forty_steps_of_an_own_kernel_in_a_file_are_forty_runs_of_one(model, coupling, monkeypatch):
    export = pytest.importorskip("neurochip_bench.backends.onnx.export").export
    pytest.importorskip("onnxruntime")
    network = build(model, 4, coupling is not None).rounded()
    start = network.state.astype(np.float32)
    one = after(export(network, coupling), start, STEPS)
    assert np.abs(one - start).max() > 1e-2
    for loop in (False, True):
        assert np.array_equal(after(export(network, coupling, steps=STEPS, loop=loop), start), one), f"loop={loop}"
    stacked = after(export(network, coupling, precision="f64"), network.state)
    monkeypatch.setattr("neurochip_bench.backends.onnx.step.STACKED_CELLS", 0)
    assert np.abs(after(export(network, coupling, precision="f64"), network.state) - stacked).max() <= ROUNDING


@pytest.fixture(scope="module", params=[(kernel, connected) for kernel in MODELS for connected in (False, True)])
def judged(request):
    """A function that judges a run of a network of an own kernel, the network, what drives it and the truth."""
    kernel, connected = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(KERNELS, kernel.name, kernel)
        network, held, truth, own = standard(kernel.name, connected)
    return lambda run: judge(run, truth, kernel, own).word, network, held, truth


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_a_run_of_an_own_kernel_is_unusable(judged, fault):
    word, _, _, truth = judged
    assert word(truth) == FAITHFUL
    assert word(fault(truth)) == UNUSABLE


def test_an_uncoupled_network_of_an_own_kernel_is_unusable(judged):
    word, network, held, _ = judged
    if not network.connected:
        pytest.skip("nothing is connected")
    weak = network.but(weights=0.0)
    assert word(BACKENDS[ORACLE].prepare(weak).run(MILLISECONDS, held)) == UNUSABLE


def test_delays_of_an_own_kernel_are_those_of_a_queue_of_events():
    network = build("izhikevich", 4, delays=(0.0, 2.0)).rounded()
    network.state[0, ::3] = 29.0  # they spike within some steps
    trace, state = queued(network, 4)
    for name in ("numpy-cpu-f64", "jax-cpu-f64"):
        if not BACKENDS[name].missing():
            run = BACKENDS[name].prepare(network).run(4)
            assert run.spikes.sum() >= 20
            assert np.abs(run.trace - trace[:: round(1 / DT)]).max() <= 1e-9
            assert np.abs(run.state - state).max() <= 1e-9


def fitzhugh_nagumo(state, network):
    """FitzHugh 1961, joined by diffusion: d/dt of v and w."""
    (v, w), p = state, network.parameters
    flow = np.bincount(
        network.targets, network.weights * (v[network.sources] - v[network.targets]), minlength=network.cells
    )
    return [v - v**3 / 3 - w + p["drive"] + flow, p["epsilon"] * (v + p["a"] - p["b"] * w)]


def izhikevich(state, network):
    """Izhikevich 2003, below its peak: d/dt of V and u."""
    (V, u), p = state[:2], network.parameters
    return [0.04 * V**2 + 5 * V + 140 - u + p["drive"], p["a"] * (p["b"] * V - u)]


@pytest.mark.parametrize(("equations", "connected"), [(fitzhugh_nagumo, True), (izhikevich, False)])
def test_the_error_of_an_own_kernel_falls_in_proportion_to_the_step(equations, connected):
    network = build(equations.__name__, 4, connected).rounded()
    exact = lsoda(equations, network, 2)
    runs = [BACKENDS[ORACLE].prepare(network, dt=dt).run(2) for dt in STEPS_OF_TRUTH]
    assert equations is fitzhugh_nagumo or not any(run.spikes.any() for run in runs)  # which reset a cell
    assert_first_order([np.abs(run.state - exact).max() for run in runs])


@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.id)
@pytest.mark.parametrize("promise", PROMISES)
def test_the_backend_of_the_example_keeps_every_promise(chip, promise):
    promised = PROMISES[promise]
    for kernel in promised.kernels if promise == "shapes" else promised.kernels[-1:]:  # the fastest does elsewhere
        promised.check(Trial(chip, kernel))
