"""The graph of some shards, laid out for a formulation: as `model.coupling` has it, with equal arrays for each."""

from __future__ import annotations

from typing import List, NamedTuple, Tuple

import numpy as np

from model.arrays import Array, Integers
from neurochip_bench.backends.sharded.parts import Part

KNOWN = ("padded", "gather-scatter")


class Sizes(NamedTuple):
    """What every shard has alike.

    seats    of a shard
    heard    signals that a cell can hear: those of the seats and what comes from other shards
    widest   neighbours of the cell that has most, in the whole network
    edges    connections of the shard that has most
    slots    of the ring buffer; 0 without delays
    """

    seats: int
    heard: int
    widest: int
    edges: int
    slots: int


def ring_of(coupling: str, sizes: Sizes) -> int:
    """The signals that a slot of the ring buffer holds."""
    return sizes.heard if coupling == "padded" else sizes.seats


def laid_out(coupling: str, part: Part, heard_at: Integers, sizes: Sizes, weighed: bool) -> List[Array]:
    """The arrays of a shard, shards side by side along the last axis; `weighed` says whether entries have weights.

    heard_at   (E,) where the source of each connection is heard
    """
    return (_padded if coupling == "padded" else _listed)(part, heard_at, sizes, weighed)


def _padded(part: Part, heard_at: Integers, sizes: Sizes, weighed: bool) -> List[Array]:
    order, at = _places(part.seats)
    table = np.tile(np.arange(sizes.seats, dtype=np.int32), (sizes.widest, 1))
    table[at] = heard_at[order]
    if part.delays is not None:
        table[at] += part.delays[order] * sizes.heard
    if not weighed:
        return [table, part.weights]
    weights = np.zeros(table.shape)
    weights[at] = np.broadcast_to(part.weights, len(order))[order]
    return [table, weights]


def _listed(part: Part, heard_at: Integers, sizes: Sizes, weighed: bool) -> List[Array]:
    fill = sizes.edges - len(heard_at)  # onto the last seat, which no cell has
    seats = np.append(part.seats, np.full(fill, sizes.seats - 1))
    if part.delays is not None:
        seats += (sizes.slots - 1 - np.append(part.delays, np.zeros(fill, np.int64))) * sizes.seats
    weights = np.append(part.weights, np.zeros(fill)) if part.weights.ndim else part.weights
    return [np.append(heard_at, np.zeros(fill)).astype(np.int32), seats.astype(np.int32), weights]


def _places(seats: Integers) -> Tuple[Integers, Tuple[Integers, Integers]]:
    """An order of connections, and in it their places in a table, as `model.coupling.padded.seats` has it."""
    degree = np.bincount(seats)
    order = np.argsort(seats, kind="stable")
    target = seats[order]
    return order, (np.arange(len(seats)) - (np.cumsum(degree) - degree)[target], target)
