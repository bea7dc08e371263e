"""Coupling with delays without a scatter: a ring buffer of past spikes, in which each cell looks up its neighbours'.

For devices that cannot add where indices say. The sum is that of `model.coupling.future_input`, taken on arrival.
Slots are used backwards: the spikes of d steps ago lie d slots behind those of now.
"""

from __future__ import annotations

from typing import Sequence, Tuple

import numpy as np

from model.arrays import Array, Arrays, Integers
from model.coupling import padded
from model.kernels.kernel import Edge
from model.network.network import Network
from model.operations import Operations

ARRAYS = ("places", "weights")


def arrays(network: Network, delays: Integers, slots: int) -> Arrays:
    """Where each of a cell's K neighbours is looked up while slot 0 is that of now (K, N), and weights (K, N)."""
    table, weights = padded.arrays(network, True)
    order, seats = padded.seats(network)
    late = np.zeros(table.shape, np.int64)
    late[seats] = delays[order]
    return (late * network.cells + table).astype(np.int32), weights


footprint = padded.footprint


def current(
    ops: Operations,
    edge: Edge,
    arrays: Sequence[Array],
    signal: Array,
    ring: Array,
    slot: Array,
    shape: Tuple[int, int],
) -> Tuple[Array, Array]:
    """(what arrives at each cell (N,) in this step, ring after it); `shape` is (slots, N), `slot` that of now."""
    (places, weights), (slots, cells) = arrays, shape
    ring = ops.push(ring, slot, signal)

    def brought(entries: Array) -> Array:
        return edge(ops, ops.gather(ring, ops.wrap(entries + slot * cells, slots * cells)), signal)

    return padded.summed(ops, places, weights, brought), ring
