"""Delays of synapses: a plain queue of events is the truth, and every backend keeps to it."""

from __future__ import annotations

import heapq
import itertools
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from model.coupling import DELAYED
from model.kernels import DT, KERNELS
from model.network import Network, build, drive
from neurochip_bench.accuracy import RIGHT, UNUSABLE, judge
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.backends.ops import NumpyOps
from neurochip_bench.backends.trial import TOLERANCE, difference
from tests.accuracy.test_programs import assert_identical

ONE_PRECISION = True
CELLS, MILLISECONDS = 8, 3
SYNAPTIC = [name for name, kernel in KERNELS.items() if kernel.synaptic]
LONGEST = 60 * DT  # ms, longer than a millisecond, in which everything is counted


def lively(kernel, sources, targets, weights, delays):
    """Cells of which each fires, at another time than the others."""
    rows = KERNELS[kernel].initial(CELLS, np.random.default_rng(0))
    state = np.concatenate([rows, np.zeros((int(len(sources) > 0), CELLS))])
    state[0] = np.linspace(*{"hh": (-60, -11), "lif": (0, 49)}[kernel], CELLS)
    driven = {"hh": {"I_in": np.linspace(40, 60, CELLS)}, "lif": {}}[kernel]
    return Network(kernel, state, sources, targets, weights, driven, delays=delays).rounded()


def queued(network, milliseconds):
    """(potentials (steps + 1, N), state at the end) with spikes under way in a queue of events."""
    ops, kernel, number = NumpyOps(np.float64), KERNELS[network.kernel], itertools.count()
    queue: list = []  # of (step, number, target, weight)
    weights = np.broadcast_to(network.weights, network.connections)
    late = [round(float(d) / DT) for d in np.broadcast_to(network.delays, network.connections)]
    rows, trace = list(network.state), [network.state[0]]
    for step in range(milliseconds * round(1 / DT)):

        def couple(spiked, step=step):
            for e in range(network.connections):
                if spiked[network.sources[e]]:
                    heapq.heappush(queue, (step + late[e], next(number), network.targets[e], weights[e]))
            arrived = np.zeros(network.cells)
            while queue and queue[0][0] == step:
                _, _, target, weight = heapq.heappop(queue)
                arrived[target] += weight
            return arrived

        rows = kernel.step(ops, rows, network.parameters, couple, 0.0, DT)
        trace.append(rows[0])
    return np.array(trace), np.stack(rows)


@st.composite
def graphs(draw, connections=None):
    """Sources, targets, weights and delays: also repeated connections, those of a cell with itself, and no delay."""
    count = draw(st.integers(1, 24), label="connections") if connections is None else connections
    cells = st.lists(st.integers(0, CELLS - 1), min_size=count, max_size=count)
    weights = st.lists(st.floats(-1.0, 2.0), min_size=count, max_size=count)
    delays = st.lists(st.just(0.0) | st.floats(0.0, LONGEST), min_size=count, max_size=count)
    return draw(cells, label="sources"), draw(cells, label="targets"), draw(weights), draw(delays, label="delays")


@pytest.mark.parametrize("coupling", DELAYED)
@pytest.mark.parametrize("kernel", SYNAPTIC)
@given(graph=graphs())
@settings(max_examples=8, deadline=None)
def test_the_oracle_equals_a_queue_of_events(kernel, coupling, graph):
    network = lively(kernel, *graph)
    run = BACKENDS[ORACLE].prepare(network, coupling).run(MILLISECONDS)
    trace, state = queued(network, MILLISECONDS)
    assert run.spikes.any()
    np.testing.assert_allclose(run.trace, trace[:: round(1 / DT)], rtol=0, atol=1e-12)
    np.testing.assert_allclose(run.state, state, rtol=0, atol=1e-12)


def table(graph):
    """The graph with 3 connections onto each cell, one of them with the longest delay: of one shape for any draw."""
    sources, _, weights, delays = graph
    return sources, np.tile(np.arange(CELLS), 3), weights, [LONGEST, *delays[1:]]


RING = (np.tile(np.arange(CELLS), 3), np.tile(np.arange(CELLS), 3), np.ones(3 * CELLS), np.full(3 * CELLS, LONGEST))


@lru_cache(maxsize=None)
def prepared(backend, kernel, coupling):
    return backend.prepare(lively(kernel, *RING), coupling)


@pytest.mark.parametrize(("cells", "form"), [("hh", "padded"), *(("lif", form) for form in DELAYED)])
@given(graph=graphs(3 * CELLS))
@settings(max_examples=4, deadline=None)
def test_every_backend_agrees_with_the_oracle_on_any_delays(backend, cells, form, graph):
    if backend.refuses(form):
        pytest.skip(backend.refuses(form))
    network = lively(cells, *table(graph))
    oracle, single = (BACKENDS[name].prepare(network).run(MILLISECONDS) for name in (ORACLE, "numpy-cpu-f32"))
    assume(np.array_equal(single.codes, oracle.codes))  # no spike hangs on a rounding error
    program = prepared(backend, cells, form)
    program.reset(network)
    run = program.run(MILLISECONDS)
    assert np.array_equal(run.codes, oracle.codes)
    assert difference(KERNELS[cells], run.state, oracle.state) <= 4 * TOLERANCE["f32"]


def test_emulated_chips_have_delays_too():
    chip = BACKENDS["emulated-ieee"]
    if chip.missing():
        pytest.skip(chip.missing())
    network = lively("lif", *RING)
    run, oracle = (BACKENDS[name].prepare(network).run(5) for name in ("emulated-ieee", ORACLE))
    assert run.spikes.any()
    assert np.array_equal(run.codes, oracle.codes)
    assert np.abs(run.state - oracle.state).max() <= TOLERANCE["f32"]


def test_parts_of_a_run_are_the_whole_and_reset_forgets_what_is_under_way(backend):
    program = prepared(backend, "lif", "padded")
    program.reset(lively("lif", *RING))
    whole = program.run(9)
    assert whole.spikes[3:5].any()
    for _ in range(2):  # each time right after a run, with spikes under way
        program.reset()
        parts = [program.run(4), program.run(5)]
        assert np.array_equal(np.concatenate([part.codes for part in parts]), whole.codes)
        assert np.array_equal(parts[-1].state, whole.state)


def test_delays_of_less_than_half_a_step_are_none():
    backend, network = BACKENDS[ORACLE], build("lif", 4).rounded()
    run = backend.prepare(network).run(3)
    for delays in (0.0, 0.4 * DT, np.full(network.connections, 0.4 * DT)):
        program = backend.prepare(network.but(delays=delays))
        assert program.slots == 0
        assert_identical(program.run(3), run)


@pytest.mark.parametrize("kernel", SYNAPTIC)
def test_a_delayed_run_is_judged_by_the_oracle_with_the_standard_yardsticks(references, kernel):
    network = build(kernel, 4, delays=(1.0, 5.0)).rounded()
    held, backend = drive(network, 20), BACKENDS["numpy-cpu-f32"]
    truth = BACKENDS[ORACLE].prepare(network).run(20, held)
    yardsticks = references.yardsticks(kernel, True, 20)

    def word(other):
        return judge(backend.prepare(other).run(20, held), truth, KERNELS[kernel], yardsticks).word

    assert word(network) in RIGHT
    assert word(network.but(delays=None)) == UNUSABLE
    assert word(network.but(delays=np.maximum(np.asarray(network.delays) - 0.5, 0.0))) == UNUSABLE


@pytest.mark.parametrize("form", ["loop", "calls", "unrolled"])
def test_every_form_of_an_onnx_file_has_delays(form):
    backend = BACKENDS["onnxruntime-cpu-f32"]
    if backend.missing():
        pytest.skip(backend.missing())
    network = build("lif", 4, delays=(0.0, 2.0)).rounded()
    run, oracle = backend.prepare(network, form=form).run(4), BACKENDS[ORACLE].prepare(network).run(4)
    assert np.array_equal(run.codes, oracle.codes)
    assert np.abs(run.state - oracle.state).max() <= TOLERANCE["f32"]


def test_padded_delays_need_no_operator_that_a_target_rejects():
    pytest.importorskip("onnx")
    from neurochip_bench.backends.onnx.export import export
    from neurochip_bench.backends.onnx.targets import nodes_of, rejections

    model = export(build("hh", 4, delays=(0.0, 2.0)), "padded", counting=True, steps=2)
    assert rejections(model) == []
    assert not any("Scatter" in node.op_type or node.op_type == "Mod" for node in nodes_of(model.graph))


@pytest.mark.parametrize("name", ["numpy-cpu-f32", "jax-cpu-f32", "onnxruntime-cpu-f32"])
def test_compensated_sums_are_carried_beside_the_ring(name):
    if BACKENDS[name].missing():
        pytest.skip(BACKENDS[name].missing())
    network = lively("hh", *RING)
    program = BACKENDS[name].prepare(network, accumulation="compensated")
    run, oracle = program.run(3), BACKENDS[ORACLE].prepare(network).run(3)
    assert run.spikes.any()
    assert difference(KERNELS["hh"], run.state, oracle.state) <= TOLERANCE["f32"]
