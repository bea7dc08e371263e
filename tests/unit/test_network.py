"""The networks that are drawn from a seed, what they may be made of by hand, and what is applied to them."""

import math
import zlib
from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.kernels import KERNELS
from model.network import TOPOLOGIES, Network, build, drive
from model.network.topology import pairs_per_shell
from neurochip_bench.accuracy.cases import kick

DRAWN = [(kernel, side, topology) for kernel in KERNELS for side in (4, 5, 9) for topology in TOPOLOGIES]
# crc32 of sources, then targets, as little-endian int64, for the default seed: another machine or NumPy must not
# draw other networks. Where this fails although the sampler is right, saved results can no longer be compared.
CHECKSUMS = {
    ("io", 4, "paper"): 1001040151,
    ("io", 4, "authors"): 2282928129,
    ("io", 5, "paper"): 1640181588,
    ("io", 5, "authors"): 2884392270,
    ("io", 9, "paper"): 120998232,
    ("io", 9, "authors"): 214276694,
    ("hh", 9, "paper"): 2213623591,
    ("hh", 9, "authors"): 88578597,
}


def reach(side):
    return min(4, side // 2)


def undirected(network):
    """Its pairs as sorted tuples, one for each connection."""
    return [tuple(sorted(pair)) for pair in zip(network.sources.tolist(), network.targets.tolist())]


def squared_distances(network, side):
    """Squared distance of each connection's ends, the shorter way round the torus."""
    apart = np.zeros(network.connections, np.int64)
    for unit in (1, side, side**2):
        along = np.abs(network.sources // unit % side - network.targets // unit % side)
        apart += np.minimum(along, side - along) ** 2
    return apart


def expected_pairs(topology, side):
    """Number of pairs at each squared distance from the published formulas, in plain Python."""
    r_max, total = reach(side), 5 * side**3
    around = product(range(-r_max, r_max + 1), repeat=3)
    at = Counter(x * x + y * y + z * z for x, y, z in around if 0 < x * x + y * y + z * z < r_max**2)
    squared = sorted(at)
    r = [math.sqrt(d) for d in squared]
    edges = [0.0, *((a + b) / 2 for a, b in zip(r[:-1], r[1:])), float(r_max)]
    weight = {
        "paper": [(math.exp(-d) - math.exp(-(r_max**2))) * at[d] for d in squared],
        "authors": [math.exp(-d / 16) * (b - a) for d, a, b in zip(squared, edges[:-1], edges[1:])],
    }[topology]
    exact = [w / math.fsum(weight) * total for w in weight]
    pairs = [math.floor(e) for e in exact]
    largest = sorted(range(len(r)), key=lambda i: pairs[i] - exact[i])
    for i in largest[: total - sum(pairs)]:
        pairs[i] += 1
    over = 0
    for i, d in enumerate(squared):  # what does not fit goes to the next distance
        pairs[i], over = min(pairs[i] + over, at[d] * side**3 // 2), max(0, pairs[i] + over - at[d] * side**3 // 2)
    return Counter(dict(zip(squared, pairs)))


@pytest.mark.parametrize(("kernel", "side", "topology"), DRAWN)
def test_five_distinct_pairs_per_cell_and_no_cell_joined_to_itself(kernel, side, topology):
    network = build(kernel, side, topology=topology)
    pairs = undirected(network)
    assert len(set(pairs)) == 5 * side**3
    assert len(pairs) == (10 if kernel == "io" else 5) * side**3
    assert all(a != b for a, b in pairs)
    assert (network.topology, network.seed) == (topology, 42)


@pytest.mark.parametrize("side", [4, 5, 9])
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_gap_junctions_act_both_ways_and_a_synapse_one_way(side, topology):
    gap = build("io", side, topology=topology)
    there, back = Counter(zip(gap.sources, gap.targets)), Counter(zip(gap.targets, gap.sources))
    synaptic = build("hh", side, topology=topology)
    forward = np.mean(synaptic.sources < synaptic.targets)
    assert there == back
    assert set(there.values()) == {1}
    assert set(Counter(undirected(synaptic)).values()) == {1}
    assert synaptic.connections / synaptic.cells == 5.0
    assert abs(forward - 0.5) <= 4 * 0.5 / math.sqrt(synaptic.connections)


@pytest.mark.parametrize("side", [4, 9, 12])
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_distances_are_distributed_as_the_formula_says(side, topology):
    found = squared_distances(build("hh", side, topology=topology), side)
    assert found.max() < reach(side) ** 2
    assert Counter(found.tolist()) == expected_pairs(topology, side)


@pytest.mark.parametrize("side", [4, 9])
def test_pairs_lie_in_every_direction_and_across_the_border(side):
    network = build("io", side)
    for unit in (1, side, side**2):
        along = (network.sources // unit % side - network.targets // unit % side) % side
        steps = Counter(along.tolist())
        across = np.abs(network.sources // unit % side - network.targets // unit % side) >= reach(side)
        assert all(steps[k] == steps[side - k] for k in range(1, reach(side)))
        # An end lies at a border for one step of 1 in `side`, for longer steps more often.
        assert across.sum() >= 0.8 * (network.connections - steps[0]) / side


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_seed_draws_the_same_network_and_another_seed_another(kernel):
    first, again, other = build(kernel, 4, seed=1), build(kernel, 4, seed=1), build(kernel, 4, seed=2)
    for name in ("state", "sources", "targets"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name))


def test_a_seed_may_be_any_whole_number_from_zero():
    seeds = [0, 1, 2**63, 2**64, 2**100]
    assert [build("lif", 4, connected=False, seed=seed).seed for seed in seeds] == seeds


@pytest.mark.parametrize(("kernel", "side", "topology"), CHECKSUMS)
def test_the_default_seed_draws_the_same_graph_on_every_machine(kernel, side, topology):
    network = build(kernel, side, topology=topology)
    ends = np.concatenate([network.sources, network.targets])
    assert zlib.crc32(ends.astype("<i8").tobytes()) == CHECKSUMS[kernel, side, topology]


@pytest.mark.parametrize(
    ("shares", "available", "total", "expected"),
    [
        pytest.param([1, 1], [9, 9], 4, [2, 2], id="by-share"),
        pytest.param([5, 3, 2], [9, 9, 9], 4, [2, 1, 1], id="largest-remainder"),
        pytest.param([1, 1], [9, 9], 3, [2, 1], id="tie-goes-to-the-nearer"),
        pytest.param([3, 1, 0], [1, 9, 9], 4, [1, 3, 0], id="excess-to-the-next"),
        pytest.param([4, 0, 0], [1, 2, 9], 4, [1, 2, 1], id="excess-over-two-distances"),
        pytest.param([1, 1, 2], [9, 9, 1], 4, [2, 1, 1], id="excess-over-the-last-goes-round"),
        pytest.param([1, 0, 3], [1, 1, 2], 4, [1, 1, 2], id="goes-round-past-full-distances"),
        pytest.param([2, 1, 1], [2, 1, 1], 4, [2, 1, 1], id="nothing-to-spare"),
        pytest.param([1], [7], 7, [7], id="one-distance"),
    ],
)
def test_pairs_per_shell_spills_what_does_not_exist(shares, available, total, expected):
    count = pairs_per_shell(np.array(shares, float), np.array(available), total)
    assert count.tolist() == expected


@given(
    shells=st.lists(st.tuples(st.floats(1e-6, 1e3), st.integers(0, 1000)), min_size=1, max_size=20),
    part=st.floats(0.0, 1.0),
)
def test_pairs_per_shell_hands_out_all_and_never_more_than_there_are(shells, part):
    shares, available = map(np.array, zip(*shells))
    total = int(part * available.sum())
    count = pairs_per_shell(shares, available, total)
    assert count.sum() == total
    assert (count >= 0).all()
    assert (count <= available).all()


def test_olive_cells_differ_in_calcium_conductance_unless_uniform():
    drawn, uniform = build("io", 9), build("io", 9, uniform=True)
    g_CaL = drawn.parameters["g_CaL"]
    assert g_CaL.shape == (729,)
    assert 0.5 <= g_CaL.min() <= 0.51
    assert 1.39 <= g_CaL.max() < 1.4
    assert abs(g_CaL.mean() - 0.95) <= 0.04
    assert uniform.parameters["g_CaL"] == 1.1


@pytest.mark.parametrize("kernel", KERNELS)
def test_unconnected_networks_have_no_connections_and_no_synaptic_current(kernel):
    network = build(kernel, 4, connected=False)
    assert (network.connections, network.connected, network.topology) == (0, False, None)
    assert network.state.shape == (len(KERNELS[kernel].states), 64)


@pytest.mark.parametrize("kernel", KERNELS)
def test_rounded_is_exact_in_float32_and_rounds_once(kernel):
    network = build(kernel, 4)
    once, twice = network.rounded(), network.rounded().rounded()
    numbers = {"state": once.state, "weights": once.weights, **once.parameters}
    assert all(np.array_equal(value, value.astype(np.float32)) for value in numbers.values())
    assert np.array_equal(once.state, twice.state)
    assert (np.abs(once.state - network.state) <= 2.0**-24 * np.abs(network.state)).all()
    assert np.array_equal(once.sources, network.sources)
    assert (once.topology, once.seed) == (network.topology, network.seed)


def test_duplicates_and_connections_to_oneself_are_kept():
    network = Network("io", build("io", 4).state, [1, 1, 2, 3], [0, 0, 2, 1])
    assert network.connections == 4
    assert (network.sources.tolist(), network.targets.tolist()) == ([1, 1, 2, 3], [0, 0, 2, 1])
    assert network.weights == 0.05


def test_network_keeps_its_own_copy_in_float64():
    state, sources = np.zeros((1, 3), np.float32), np.array([0, 1], np.uint8)
    network = Network("lif", np.zeros((2, 3), np.float32), sources, sources[::-1], np.float32(0.5))
    alone = Network("lif", state, [], [])
    state[:], sources[:] = 7.0, 2
    assert (network.state.dtype, network.weights.dtype) == (np.float64, np.float64)
    assert network.sources.tolist() == [0, 1]
    assert (alone.state == 0.0).all()


def test_drive_is_new_every_millisecond_for_hh_and_nothing_for_the_others():
    network = build("hh", 9)
    stimulus, again, other = (np.asarray(drive(network, 50, seed)) for seed in (42, 42, 43))
    assert stimulus.shape == (50, 729)
    assert stimulus.dtype == np.float32
    assert 0.0 <= stimulus.min() <= 1e-12
    assert 9.9 <= stimulus.max() <= 10.0
    assert abs(stimulus.mean() - 10.0 / 6.0) <= 0.06  # the mean of U^5 is 1/6
    assert np.abs(np.corrcoef(stimulus[0], stimulus[1])).min() <= 0.15
    assert np.array_equal(stimulus, again)
    assert not np.array_equal(stimulus, other)
    assert [drive(build(kernel, 4), 5) for kernel in KERNELS if KERNELS[kernel].drive is None] == [None, None]


def test_kick_lasts_two_milliseconds():
    stimulus = kick(build("hh", 4), 5)
    assert stimulus.shape == (5, 64)
    assert np.unique(stimulus[:2]).tolist() == [60.0]
    assert np.unique(stimulus[2:]).tolist() == [0.0]


@pytest.mark.parametrize(("kernel", "checksum"), [("io", 3457230036), ("hh", 2326143059), ("lif", 2167756067)])
def test_initial_states_and_drawn_parameters_are_the_same_on_every_machine(kernel, checksum):
    network = build(kernel, 4)
    numbers = [network.state, network.parameters.get("g_CaL", np.zeros(0))]
    assert zlib.crc32(b"".join(array.astype(np.float32).tobytes() for array in numbers)) == checksum
