"""Networks cut into shards: every cell is somewhere, what is sent is what is wanted, sums keep their order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.coupling import Couple, lay_out
from model.kernels import KERNELS
from model.network import Network, build
from model.network.drawing import Drawing
from neurochip_bench.backends.ops import NumpyOps
from neurochip_bench.backends.sharded.cut import cut
from neurochip_bench.backends.sharded.exchange import EVERYTHING, PERMUTES
from neurochip_bench.backends.sharded.late import lag_of, soonest
from neurochip_bench.backends.sharded.parts import parts, wanted
from neurochip_bench.backends.sharded.share import crossing, cut_of, graph
from neurochip_bench.tools.shards import Device, form_of, lines

MULTIPLE = 8


@st.composite
def networks(draw):
    """Some cells of a kernel with any connections among them, duplicates and self-connections too."""
    kernel = draw(st.sampled_from(["io", "hh", "lif"]))
    cells, edges = draw(st.integers(1, 30)), draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**20)))
    weights = rng.uniform(0.01, 0.1, edges) if draw(st.booleans()) else None
    state = KERNELS[kernel].initial(cells, rng)
    sources, targets = rng.integers(0, cells, (2, edges))
    return Network(kernel, state, sources, targets, weights)


def of_all(network, coupling, shards):
    """The cut and the graph of all shards."""
    mine = cut_of(network, shards, MULTIPLE)
    known = parts(network, mine, range(shards), 0.025)
    return mine, graph(network.kernel, mine, range(shards), known, coupling, 0, 40, lambda numbers: numbers)


def heard(found, cut, signal):
    """What each shard hears (shards, heard) in one step, as the exchange brings it."""
    own = cut.seated(range(cut.shards), signal).reshape(cut.shards, -1)
    if found.form.kind == EVERYTHING:
        return np.concatenate([own, np.tile(own[:, : cut.most].ravel(), (cut.shards, 1))], axis=1)
    asks = found.asks.reshape(cut.shards, -1)
    begins, rows = found.form.begins(), []
    for shard in range(cut.shards):
        pieces = [own[shard]]
        for distance, size in found.form.blocks:
            sender = (shard - distance) % cut.shards
            pieces.append(own[sender][asks[shard, begins[distance] :][:size]])
        rows.append(np.concatenate(pieces))
    return np.array(rows)


class HeardOps(NumpyOps):
    """NumPy's operations, where a signal is looked up among what is heard."""

    def __init__(self, dtype, heard):
        super().__init__(dtype)
        self.heard = heard

    def gather(self, array, indices):
        return self.heard[indices]


@given(networks(), st.integers(1, 8), st.sampled_from(["padded", "gather-scatter"]))
@settings(max_examples=60)
def test_sums_in_shards_are_those_of_the_whole_bit_by_bit(network, shards, coupling):
    cut, found = of_all(network, coupling, shards)
    signal = np.random.default_rng(1).uniform(-80, 0, network.cells)
    edge = KERNELS[network.kernel].edge
    whole = Couple(NumpyOps(np.float64), edge, coupling, lay_out(coupling, network, np.dtype("f8")))(signal)
    hears, sums = heard(found, cut, signal), []
    for shard, own in enumerate(cut.seated(range(shards), signal).reshape(shards, -1)):
        arrays = [a.reshape(*a.shape[:-1], shards, -1)[..., shard, :] if a.ndim else a for a in found.arrays]
        sums.append(Couple(HeardOps(np.float64, hears[shard]), edge, coupling, arrays)(own))
    assert cut.back(np.concatenate(sums)).tobytes() == whole.tobytes()


@given(st.integers(1, 50), st.integers(1, 8), st.integers(0, 99), st.booleans())
def test_every_cell_has_one_seat_and_comes_back_in_its_order(cells, shards, seed, ordered):
    order = np.random.default_rng(seed).permutation(cells) if ordered else None
    mine = cut(cells, shards, MULTIPLE, order)
    assert np.array_equal(mine.back(mine.seated(range(shards), np.arange(cells))), np.arange(cells))
    sizes = np.diff(mine.bounds)
    assert sizes.sum() == cells
    assert sizes.max() - sizes.min() <= 1
    assert sizes.max() < mine.seats, "a seat is left that fills up"
    assert mine.seats % MULTIPLE == 0


def test_only_what_is_wanted_is_sent_and_never_more_than_everything():
    torus = build("io", 9)
    mine, found = of_all(torus, "padded", 4)
    wants = [wanted(part, shard, mine) for shard, part in enumerate(parts(torus, mine, range(4), 0.025))]
    assert found.form.kind == PERMUTES
    longest = {d: max(len(wants[s].get((s - d) % 4, ())) for s in range(4)) for d, _ in found.form.blocks}
    assert dict(found.form.blocks) == longest
    assert crossing(torus, mine) <= found.form.sent(1) < 4 * 3 * mine.seats


def test_everything_is_gathered_where_everybody_wants_everything():
    cells = 8
    everybody = np.array([(i, j) for i in range(cells) for j in range(cells)]).T
    network = Network("lif", np.zeros((1, cells)), *everybody)
    form = of_all(network, "padded", 4)[1].form
    assert (form.kind, form.foreign, form.sent(4)) == (EVERYTHING, 8, 4 * 3 * 2 * 4)
    most = everybody[:, everybody[0] > 0]  # nobody hears cell 0
    network = Network("lif", np.zeros((1, cells)), *most)
    assert of_all(network, "padded", 4)[1].form.kind == EVERYTHING, "the longest list sets the length of all"
    sparse = everybody[:, (everybody[0] % 2 == 0) | (everybody[0] == everybody[1])]
    form = of_all(Network("lif", np.zeros((1, cells)), *sparse), "padded", 4)[1].form
    assert (form.kind, form.sent(4)) == (PERMUTES, 4 * 3 * 1 * 4)


def test_a_network_that_nobody_has_ordered_is_renumbered_and_one_that_is_ordered_is_not():
    rng = np.random.default_rng(0)
    ring, shuffled = np.arange(64), rng.permutation(64)
    state = np.zeros((1, 64))
    ordered = Network("lif", state, ring, np.roll(ring, 1))
    mixed = Network("lif", state, shuffled, np.roll(shuffled, 1))
    own = cut(64, 4, MULTIPLE)
    assert cut_of(ordered, 4, MULTIPLE).order is None
    renumbered = cut_of(mixed, 4, MULTIPLE)
    assert renumbered.order is not None
    assert crossing(mixed, renumbered) <= 8 < crossing(mixed, own)
    assert cut_of(build("lif", 4), 4, MULTIPLE).order is None, "a torus is in order"


def test_network_without_connections_across_borders_sends_nothing():
    network = Network("lif", np.zeros((1, 8)), np.arange(8), np.arange(8))
    _, found = of_all(network, "padded", 4)
    assert (found.form.kind, found.form.sent(4), len(found.asks)) == (None, 0, 0)


@pytest.mark.parametrize(("cells", "shards"), [(3, 8), (10, 4), (64, 3)])
def test_shards_are_contiguous_ranges(cells, shards):
    mine = cut(cells, shards, MULTIPLE)
    held = [mine.held(shard)[: mine.bounds[shard + 1] - mine.bounds[shard]] for shard in range(shards)]
    assert np.array_equal(np.concatenate(held), np.arange(cells))


@pytest.mark.parametrize(("soonest", "steps"), [(0, 1), (1, 1), (3, 2), (4, 4), (7, 5), (39, 20), (10**9, 40)])
def test_late_spikes_travel_together_for_as_many_steps_as_divide_a_millisecond(soonest, steps):
    assert lag_of(soonest, 40) == steps


def test_the_shortest_delay_across_a_border_says_how_late_an_exchange_may_be():
    ends = [0, 1, 2, 3], [1, 2, 3, 0]
    network = Network("lif", np.zeros((1, 4)), *ends, delays=[0.0, 0.25, 0.0, 0.5])
    mine = cut(4, 2, MULTIPLE)
    known = parts(network, mine, range(2), 0.025)
    assert [soonest(part, shard, mine) for shard, part in enumerate(known)] == [20, 10]
    late = graph("lif", mine, range(2), known, "padded", 21, 40, lambda numbers: numbers)
    assert late.lag == 10
    assert graph("lif", mine, range(2), known, "gather-scatter", 21, 40, lambda numbers: numbers).lag == 1


def test_what_is_predicted_has_the_halo_and_the_bytes_of_the_program():
    drawing = Drawing("io", (5, 5, 30), True, 42, "paper", False, None, planes=True)
    piece = drawing.whole()
    whole = Network("io", piece.state, piece.sources, piece.targets, topology="paper")
    mine = cut_of(whole, 3, MULTIPLE)
    found = form_of(drawing, mine)
    program = of_all(whole, "padded", 3)[1].form
    assert (found.kind, [d for d, _ in found.blocks]) == (program.kind, [d for d, _ in program.blocks])
    for (_, size), (_, longest) in zip(found.blocks, program.blocks):
        assert 0.8 * longest <= size <= longest


@pytest.mark.parametrize("devices", [1, 2, 8])
def test_a_prediction_counts_messages(devices):
    """One to each distance along the ring, and one where everything is gathered."""
    *_, row = lines("io", (4, 4, 4), devices, Device(compute_ns=1.0, latency_us=10.0, bandwidth=1e9))
    messages = row.strip(" |").split("|")[4].strip()
    assert messages == {1: "0", 2: "1", 8: "5"}[devices]


def test_a_sum_whose_order_is_the_compilers_is_refused():
    """So many neighbours are summed at once, and over two devices XLA rounded some of these sums otherwise."""
    hub = Network("hh", KERNELS["hh"].initial(70, np.random.default_rng(0)), np.arange(65), np.zeros(65, int))
    with pytest.raises(ValueError, match=r"a cell has 65 neighbours.* expected 'gather-scatter'"):
        of_all(hub, "padded", 2)
    of_all(hub, "gather-scatter", 2)
    of_all(hub.but(sources=hub.sources[1:], targets=hub.targets[1:]), "padded", 2)


def test_a_prediction_adds_what_computing_and_sending_take():
    *_, row = lines("io", (5, 5, 30), 3, Device(compute_ns=1000.0, latency_us=10.0, bandwidth=4e6))
    *_, messages, sent, compute, send, step, share = (cell.strip() for cell in row.strip(" |").split("|"))
    assert float(compute) == 250.0
    assert float(send) == pytest.approx(10.0 * int(messages) + int(sent) / 4.0, rel=0.01)
    assert float(step) == pytest.approx(float(compute) + float(send), rel=0.01)
    assert float(share.strip("%")) == pytest.approx(100 * float(compute) / float(step), abs=1)
