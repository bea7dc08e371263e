"""A large standard network is the same whoever draws it, whole or share by share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model.kernels import KERNELS
from model.network import Network, build
from model.network.drawing import Drawing
from neurochip_bench.backends.remote.wire import packed, unpacked
from neurochip_bench.networks.undrawn import Undrawn, drawn

SHAPE = (5, 4, 9)


def of(kernel, shape=SHAPE, delays=None, planes=True, connected=True):
    return Drawing(kernel, shape, connected, 42, "paper", False, delays, planes)


def whole(drawing):
    """The network of a drawing, as `build` makes it."""
    piece = drawing.whole()
    ends = piece.sources, piece.targets
    return Network(drawing.kernel, piece.state, *ends, parameters=piece.parameters, delays=piece.delays)


@pytest.mark.parametrize("kernel", ["io", "hh", "lif"])
@pytest.mark.parametrize("bounds", [(0, 180), (0, 60, 120, 180), (0, 1, 23, 91, 180)])
def test_shares_are_what_the_whole_has(kernel, bounds):
    drawing = of(kernel, delays=(0.1, 2.0) if KERNELS[kernel].synaptic else None)
    network = whole(drawing)
    for begin, end in zip(bounds, bounds[1:]):
        share = drawn(drawing, begin, end)
        mine = (network.targets >= begin) & (network.targets < end)
        assert np.array_equal(share.state, network.state[:, begin:end])
        assert np.array_equal(share.sources, network.sources[mine])
        assert np.array_equal(share.targets, network.targets[mine])
        for name, value in share.parameters.items():
            assert np.array_equal(value, network.parameters[name][begin:end])
        if network.delays is not None:
            assert np.array_equal(share.delays, network.delays[mine])


def test_each_plane_is_drawn_by_its_own_generator_and_a_cell_still_has_five_pairs():
    network = whole(of("hh"))
    pairs = {tuple(sorted(pair)) for pair in zip(network.sources.tolist(), network.targets.tolist())}
    assert len(pairs) == 5 * network.cells == network.connections
    assert not np.array_equal(network.state[0], build("hh", shape=SHAPE).state[0])


def test_a_share_draws_no_plane_beyond_the_reach_of_its_own(monkeypatch):
    asked: list[int] = []
    piece = Drawing.piece

    def counted(self, number):
        asked.append(number)
        return piece(self, number)

    monkeypatch.setattr(Drawing, "piece", counted)
    drawn(of("io", (8, 8, 20)), 0, 64 * 2)
    assert sorted(asked) == [0, 1, 2, 3, 4, 17, 18, 19]


def test_an_undrawn_network_knows_what_the_drawn_one_is():
    undrawn, network = Undrawn(of("io")), whole(of("io")).rounded()
    for name in ("kernel", "cells", "connections", "connected", "states"):
        assert getattr(undrawn, name) == getattr(network, name)
    undrawn.draw(0, network.cells)
    assert np.array_equal(undrawn.state, network.state)
    assert undrawn.weights == network.weights
    assert {name: v.tolist() for name, v in undrawn.parameters.items()} == {
        name: v.tolist() for name, v in network.parameters.items()
    }


def test_a_worker_is_handed_what_it_is_drawn_from():
    there: Any = unpacked(*packed(Undrawn(of("hh", delays=(0.1, 2.0)))))
    assert there.drawing == of("hh", delays=[0.1, 2.0])._replace(delays=there.drawing.delays)
    assert list(there.drawing.delays) == [0.1, 2.0]


def test_a_cube_by_its_shape_is_the_cube_by_its_side():
    for kernel in KERNELS.own:
        cube, shaped = build(kernel, 5), build(kernel, shape=(5, 5, 5))
        for name in ("state", "sources", "targets"):
            assert np.array_equal(getattr(cube, name), getattr(shaped, name))


def test_a_longer_torus_joins_cells_across_each_of_its_borders():
    x, y, z = shape = (5, 6, 8)
    network = build("io", shape=shape)
    assert (network.cells, network.connections) == (240, 2400)
    for unit, side in ((1, x), (x, y), (x * y, z)):
        apart = (network.sources // unit % side - network.targets // unit % side) % side
        apart = np.minimum(apart, side - apart)
        assert apart.max() < 3
        across = np.abs(network.sources // unit % side - network.targets // unit % side) > side // 2
        assert across.any()
    assert np.bincount(network.targets, minlength=240).min() > 0


@pytest.mark.parametrize("shape", [(5, 5), (5, 5, 3), (5, 5, 5, 5), (5, 5, 4.5)])
def test_a_shape_that_cannot_be_is_refused(shape):
    with pytest.raises(ValueError, match=r"shape is|side is"):
        build("io", shape=shape)
