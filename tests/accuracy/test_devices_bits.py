"""One network over 1, 2, 3, 4 and 8 devices: bit by bit what one device gives, whatever the graph."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.kernels import KERNELS
from model.network import Network, build
from model.network.drawing import Drawing
from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.sharded.remote import RemoteShardedCpu
from neurochip_bench.networks.undrawn import Undrawn

MOST = 8
pytestmark = pytest.mark.skipif(BACKENDS["jax-cpu-f32"].missing() is not None, reason="JAX is not installed")


class Tried(RemoteShardedCpu):
    """All numbers of devices in one worker, which has as many as the most: it starts once for these tests."""

    @classmethod
    def of_worker(cls):
        return f"{MOST} devices of the tests in process {os.getpid()}"


@lru_cache(maxsize=None)
def over(devices, precision="f32"):
    """A backend over some of the worker's devices."""
    if devices < MOST:
        started()
    one = BACKENDS[f"jax-cpu-{precision}"]
    return replace(one, program=type("Tried", (Tried,), {"devices": devices}))


@lru_cache(maxsize=None)
def started():
    """A program of the worker, which starts with its most devices: their number is fixed then."""
    return over(MOST).prepare(build("lif", 4, connected=False).rounded())


@lru_cache(maxsize=None)
def pair(kernel, devices, coupling):
    """A standard network, and its programs on one device and on many."""
    network = build(kernel, 5, delays=(0.1, 2.0) if KERNELS[kernel].synaptic else None).rounded()
    return network, [backend.prepare(network, coupling) for backend in (BACKENDS["jax-cpu-f32"], over(devices))]


def started_from(program, network):
    program.reset(network)
    return program


def same_bits(run, other):
    for name in ("state", "first", "trace", "codes"):
        mine, theirs = (np.ascontiguousarray(getattr(r, name)) for r in (run, other))
        assert mine.tobytes() == theirs.tobytes(), name


@st.composite
def cases(draw):
    """A network of any graph, with a coupling that runs it."""
    kernel = draw(st.sampled_from(["lif", "io", "hh"]))
    cells, edges = (most + 1 - draw(st.integers(1, most)) for most in (70, 250))  # the simplest example is the largest
    rng = np.random.default_rng(draw(st.integers(0, 2**20)))
    model = KERNELS[kernel]
    soonest = draw(st.sampled_from([0.0, 0.1, 0.26, 1.0]))  # in ms, by which exchanges serve 1, 4, 10 or 40 steps
    delays = rng.uniform(soonest, 1.5, edges) if model.synaptic and draw(st.booleans()) else None
    weights = rng.uniform(0.01, 0.5, edges) if draw(st.booleans()) else None
    low, high = model.ranges[model.states[0]]
    state = model.initial(cells, rng)
    state[0] = rng.uniform(low, high, cells)
    sources, targets = rng.integers(0, cells, (2, edges))
    network = Network(kernel, state, sources, targets, weights, delays=delays).rounded()
    return network, draw(st.sampled_from(["padded", "gather-scatter"]))


@pytest.mark.slow  # each example compiles three programs: fifteen seconds
@given(cases(), st.sampled_from([(3, 8), (2, 1), (4, 3), (8, 2), (1, 4)]), st.sampled_from(["f32", "f64"]))
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
def test_any_graph_gives_the_same_bits_over_any_number_of_devices(case, numbers, precision):
    """What a step sums, in which order, is in tests/unit/test_shards.py, over many more graphs."""
    network, coupling = case
    whole = BACKENDS[f"jax-cpu-{precision}"].prepare(network, coupling).run(3)
    for devices in numbers:
        same_bits(over(devices, precision).prepare(network, coupling).run(3), whole)


OLIVES = ("io", 3, "padded")


@pytest.mark.parametrize(("kernel", "devices", "coupling"), [OLIVES, ("hh", 2, "gather-scatter"), ("lif", 8, "padded")])
def test_a_standard_network_gives_the_same_bits_and_spikes(kernel, devices, coupling):
    network, programs = pair(kernel, devices, coupling)
    stimulus = np.random.default_rng(3).uniform(0.0, 10.0, (6, network.cells)).astype("f4")
    same_bits(*(started_from(program, network).run(6, stimulus) for program in programs))


def test_what_is_not_a_number_has_the_same_bits():
    """Gap junctions are so strong that the state is not finite after a millisecond."""
    network, programs = pair(*OLIVES)
    one, many = (started_from(program, network.but(weights=1e6)).run(3) for program in programs)
    assert np.isnan(one.state).any()
    same_bits(many, one)


def test_a_network_that_is_drawn_share_by_share_gives_the_bits_of_the_whole():
    """With delays; one without, of two processes, is in test_devices_processes.py."""
    drawing = Drawing("lif", (4, 5, 9), True, 42, "paper", False, (0.1, 2.0), planes=True)
    drawn = drawing.whole()
    network = Network("lif", drawn.state, drawn.sources, drawn.targets, None, drawn.parameters, delays=drawn.delays)
    one = BACKENDS["jax-cpu-f32"].prepare(network.rounded()).run(3)
    same_bits(over(3).prepare(Undrawn(drawing)).run(3), one)


def test_an_unconnected_network_gives_the_same_bits():
    many = started()
    many.reset()
    same_bits(many.run(3), BACKENDS["jax-cpu-f32"].prepare(many.network).run(3))


def test_a_network_whose_sums_are_compensated_gives_the_same_bits():
    network = build("hh", 4).rounded()
    one, many = (backend.prepare(network, accumulation="compensated") for backend in (BACKENDS["jax-cpu-f32"], over(3)))
    same_bits(many.run(3), one.run(3))


def test_a_program_over_four_devices_runs_on_and_takes_another_network_of_its_shape():
    network = build("lif", 4).rounded()
    one, program = BACKENDS["jax-cpu-f32"].prepare(network), over(4).prepare(network)
    assert program.warm_compile() is None
    whole = one.run(4)
    same_bits(program.run(4), whole)
    program.reset()
    parts = [program.run(2), program.run(2)]
    assert parts[1].state.tobytes() == whole.state.tobytes()
    moved = network.but(state=network.state + 1.0)
    program.reset(moved)
    one.reset(moved)
    same_bits(program.run(2), one.run(2))
    with pytest.raises(ValueError, match="prepare it instead"):
        program.reset(build("lif", 4, seed=7).rounded())
    program.reset(network)
    same_bits(program.run(4), whole)
