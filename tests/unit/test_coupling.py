"""The four formulations of the sum over a cell's connections, against a plain double loop."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.coupling import FORMULATIONS, lay_out
from model.coupling.padded import SUMMED_SINGLY
from model.kernels import KERNELS
from model.network import Network, build
from neurochip_bench.backends.ops import NumpyOps

KINDS = ("io", "hh")  # a gap junction and a synapse
REFUSED = ("padded", "one-hot", "dense")


def network_of(kind, cells, pairs, weights=None):
    """A network whose connections are the (source, target) of `pairs`, its state being of no matter here."""
    sources, targets = np.array(pairs, np.int64).reshape(-1, 2).T
    return Network(kind, np.zeros((len(KERNELS[kind].state_names(len(pairs) > 0)), cells)), sources, targets, weights)


def plain_edge(kind, source, target):
    """What a connection of weight 1 brings: the published gap current, or the presynaptic cell's spike."""
    apart = source - target
    return source if kind == "hh" else apart * (0.2 + 0.8 * math.exp(-apart * apart / 100.0))


def plain_current(network, signal):
    """Sum over the sources of each cell, and the sum of its terms' magnitudes."""
    weights = np.broadcast_to(network.weights, network.connections)
    total, size = np.zeros(network.cells), np.zeros(network.cells)
    for cell in range(network.cells):
        for e in range(network.connections):
            if network.targets[e] == cell:
                term = weights[e] * plain_edge(network.kernel, signal[network.sources[e]], signal[cell])
                total[cell], size[cell] = total[cell] + term, size[cell] + abs(term)
    return total, size


def current(name, network, signal, dtype=np.float64):
    """The sum in formulation `name`, as a program computes it: nothing is laid out where nothing is connected."""
    if not network.connected:
        return np.zeros(network.cells, dtype)
    ops, arrays = NumpyOps(dtype), lay_out(name, network, np.dtype(dtype))
    return FORMULATIONS[name].current(ops, KERNELS[network.kernel].edge, arrays, signal.astype(dtype))


def assert_formulations_agree(*, network, signal):
    """E.g. `assert np.allclose(current("dense", network, signal), plain_current(network, signal))`, for all four."""
    __tracebackhide__ = True
    want, size = plain_current(network, signal)
    tolerance = 1e-13 * size + 1e-300
    currents = {name: current(name, network, signal) for name in FORMULATIONS}
    for name, got in currents.items():
        error = np.abs(got - want)
        assert got.shape == want.shape, f"{name}: shape {got.shape}, expected {want.shape}"
        assert (error <= tolerance).all(), f"{name}: off by {error.max()} at {error.argmax()}, expected {want}"
        for other in currents.values():
            assert (np.abs(got - other) <= 2 * tolerance).all()


def signals(kind, cells):
    """Potentials in the physiological range, or spikes."""
    values = st.floats(-100.0, 60.0) if kind == "io" else st.sampled_from([0.0, 1.0])
    return st.lists(values, min_size=cells, max_size=cells).map(np.array)


@st.composite
def topologies(draw, max_cells=12):
    """Number of cells and (source, target) pairs: any, repeated ones too, those of a hub, or none."""
    cells = draw(st.integers(1, max_cells), label="cells")
    cell = st.integers(0, cells - 1)
    anywhere = draw(st.lists(st.tuples(cell, cell), max_size=30), label="pairs")
    hub = draw(cell, label="hub")
    into_hub = draw(st.lists(cell, max_size=20), label="sources of the hub")
    return cells, anywhere + [(source, hub) for source in into_hub]


@given(data=st.data())
@pytest.mark.parametrize("kind", KINDS)
def test_formulations_equal_a_double_loop(kind, data):
    cells, pairs = data.draw(topologies(), label="topology")
    weight = st.floats(-1.0, 1.0, allow_subnormal=False)
    per_connection = st.lists(weight, min_size=len(pairs), max_size=len(pairs))
    network = network_of(kind, cells, pairs, data.draw(weight | per_connection, label="weights"))
    assert_formulations_agree(network=network, signal=data.draw(signals(kind, cells), label="signal"))


@given(data=st.data())
def test_gap_currents_of_a_symmetric_graph_sum_to_zero(data):
    cells, pairs = data.draw(topologies(), label="topology")
    weights = data.draw(st.lists(st.floats(0.0, 1.0), min_size=len(pairs), max_size=len(pairs)), label="weights")
    network = network_of("io", cells, pairs + [pair[::-1] for pair in pairs], weights + weights)
    signal = data.draw(signals("io", cells), label="potentials")
    for name in FORMULATIONS:
        gap = current(name, network, signal)
        assert abs(gap.sum()) <= 1e-12 * (1.0 + np.abs(gap).sum() + plain_current(network, signal)[1].sum())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("weighted", [False, True], ids=["one-weight", "weights"])
@pytest.mark.parametrize(
    ("cells", "pairs"),
    [
        pytest.param(5, [], id="empty"),
        pytest.param(1, [(0, 0)], id="one-cell-with-itself"),
        pytest.param(1, [(0, 0)] * 70, id="one-cell-with-itself-often"),
        pytest.param(6, [(4, 1)], id="isolated-cells"),
        pytest.param(3, [(0, 1), (0, 1), (2, 1), (0, 1)], id="repeated"),
        pytest.param(90, [(i, 0) for i in range(1, 90)], id="hub-that-hears"),
        pytest.param(90, [(0, i) for i in range(1, 90)], id="hub-that-speaks"),
        pytest.param(60, np.random.default_rng(1).integers(0, 60, (4000, 2)), id="thousands"),
    ],
)
def test_formulations_equal_a_double_loop_on_special_graphs(kind, weighted, cells, pairs):
    rng = np.random.default_rng(2)
    weights = rng.uniform(-1.0, 1.0, len(pairs)) if weighted else None
    signal = rng.uniform(-100.0, 60.0, cells) if kind == "io" else (rng.random(cells) < 0.5).astype(float)
    assert_formulations_agree(network=network_of(kind, cells, pairs, weights), signal=signal)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("weighted", [False, True], ids=["one-weight", "weights"])
@pytest.mark.parametrize("neighbours", [SUMMED_SINGLY - 1, SUMMED_SINGLY, SUMMED_SINGLY + 1, 3 * SUMMED_SINGLY])
def test_padded_is_right_on_both_sides_of_unrolling(kind, weighted, neighbours):
    rng = np.random.default_rng(neighbours)
    pairs = [*rng.integers(0, 8, (neighbours, 2)) * [1, 0], (0, 3), (7, 3)]
    network = network_of(kind, 9, pairs, rng.random(len(pairs)) if weighted else None)
    signal = rng.integers(0, 2, 9) * 1.0 if kind == "hh" else rng.uniform(-100.0, 60.0, 9)
    table = lay_out("padded", network, np.dtype(np.float64))[0]
    assert table.shape == (neighbours, 9)
    assert_formulations_agree(network=network, signal=signal)


@pytest.mark.parametrize("name", FORMULATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_formulations_stay_in_float32(kind, name):
    network = build(kind, 4)
    signal = np.random.default_rng(3).uniform(-80.0, 20.0, 64) if kind == "io" else np.arange(64) % 2.0
    got = current(name, network, signal, np.float32)
    want, size = plain_current(network, signal)
    assert got.dtype == np.float32
    # A float32 potential is good to 4e-6 mV, and a connection passes 0.05 of it on.
    assert (np.abs(got - want) <= 1e-6 * size + 1e-5).all()


@pytest.fixture(scope="module")
def hub():
    """40,000 cells, one of which hears all others."""
    cells = 40_000
    return Network("io", np.zeros((14, cells)), np.arange(1, cells), np.zeros(cells - 1, np.int64))


@pytest.mark.parametrize("name", REFUSED)
def test_formulation_that_would_not_fit_is_refused_with_the_size_it_needs(hub, name):
    with pytest.raises(ValueError, match=f"coupling '{name}' would need .* GiB for 40000 cells.* expected") as refusal:
        lay_out(name, hub, np.dtype(np.float64))
    (needed,) = map(float, re.findall(r"need ([\d.]+) GiB", str(refusal.value)))
    smallest = 40_000 * 40_000 * {"padded": 4, "one-hot": 16, "dense": 8}[name] / 2**30  # of its largest arrays alone
    assert smallest - 0.05 <= needed <= 10 * smallest


def test_gather_scatter_is_never_refused_for_a_hub(hub):
    signal = np.linspace(-80.0, -40.0, hub.cells)
    got = current("gather-scatter", hub, signal)
    want = math.fsum(0.05 * plain_edge("io", V, signal[0]) for V in signal[1:])
    assert abs(got[0] / want - 1.0) <= 1e-11
    assert not got[1:].any()


def test_padded_without_a_hub_fits_where_the_matrices_do_not():
    network = build("io", 30)
    table, _ = lay_out("padded", network, np.dtype(np.float32))
    assert table.shape[0] <= SUMMED_SINGLY
    for name in ("one-hot", "dense"):
        with pytest.raises(ValueError, match=f"coupling '{name}' would need"):
            lay_out(name, network, np.dtype(np.float32))


def test_unknown_formulation_lists_the_known_ones():
    with pytest.raises(ValueError, match="unknown coupling 'sparse': expected one of gather-scatter, padded"):
        lay_out("sparse", build("io", 4), np.dtype(np.float64))
