"""Coupling with delays as a ring buffer of future input: what is under way waits in the slot of the step it is due in.

A step clears the slot that was delivered last, which is the farthest in the future now, adds its spikes to the slots
that they are due in, and delivers the next one. Slots are used backwards: what is due in d steps lies d before that.
"""

from __future__ import annotations

from typing import Sequence, Tuple

import numpy as np

from model.arrays import Array, Arrays, Integers
from model.kernels.kernel import Edge
from model.network.network import Network
from model.operations import Operations

ARRAYS = ("sources", "places", "weights")


def arrays(network: Network, delays: Integers, slots: int) -> Arrays:
    """Sources (E,), where each connection adds while slot 0 is the one to clear (E,), and weights, a scalar or (E,)."""
    places = (slots - 1 - delays) * network.cells + network.targets
    return network.sources.astype(np.int32), places.astype(np.int32), network.weights


def footprint(network: Network, itemsize: int) -> int:
    """Bytes of the arrays and of what is computed per connection."""
    return network.connections * (12 + 4 * itemsize)


def current(
    ops: Operations,
    edge: Edge,
    arrays: Sequence[Array],
    signal: Array,
    ring: Array,
    slot: Array,
    shape: Tuple[int, int],
) -> Tuple[Array, Array]:
    """(what arrives at each cell (N,) in this step, ring after it); `shape` is (slots, N), `slot` the one to clear."""
    (sources, places, weights), (slots, cells) = arrays, shape
    spiked = ops.gather(signal, sources)
    ring = ops.push(ring, slot, 0.0 * signal)
    ring = ops.add_at(ring, ops.wrap(places + slot * cells, slots * cells), weights * edge(ops, spiked, spiked))
    return ops.row(ring, ops.wrap(slot + (slots - 1), slots), cells), ring
