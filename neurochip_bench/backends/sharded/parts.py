"""The connections of each shard, and the signals that it wants of others."""

from __future__ import annotations

from typing import Dict, List, NamedTuple

import numpy as np

from model.arrays import Floats, Integers
from model.network import Network
from neurochip_bench.backends.sharded.cut import Cut


class Part(NamedTuple):
    """The connections that end in a shard, in the network's order, by which each cell's sum keeps its own.

    sources  (E,) places in the whole network
    seats    (E,) seats of the targets in the shard
    weights  a scalar, or (E,)
    delays   (E,) steps; None without
    """

    sources: Integers
    seats: Integers
    weights: Floats
    delays: Integers | None

    @property
    def widest(self) -> int:
        """Neighbours of the cell that has most."""
        return int(np.bincount(self.seats).max()) if len(self.seats) else 0


def parts(network: Network, cut: Cut, shards: range, dt: float) -> List[Part]:
    """The `Part` of each of some shards of a network that is here whole."""
    targets, delays = cut.places(network.targets), network.delay_steps(dt)
    owner = cut.shard_of(targets)
    found = []
    for shard in shards:
        mine = np.flatnonzero(owner == shard)
        weights = network.weights[mine] if network.weights.ndim else network.weights
        late = None if delays is None else delays[mine]
        sources = cut.places(network.sources[mine])
        found.append(Part(sources, cut.seat_of(targets[mine]), weights, late))
    return found


def wanted(part: Part, shard: int, cut: Cut) -> Dict[int, Integers]:
    """By shard the places, ascending, whose signals another `shard` wants of it; it is left out where that is none."""
    return wanted_of(part.sources, shard, cut)


def wanted_of(sources: Integers, shard: int, cut: Cut) -> Dict[int, Integers]:
    """What a shard wants whose connections come from `sources`."""
    places = np.unique(sources)
    owner = cut.shard_of(places)
    return {int(other): places[owner == other] for other in np.unique(owner) if other != shard}
