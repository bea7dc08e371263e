"""Which cells are whose: a network cut into contiguous ranges of places, each filled up to as many seats."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.arrays import Array, Integers


@dataclass(frozen=True)
class Cut:
    """A network of cells in shards.

    cells   of the network
    shards  their number; of more shards than cells some are empty
    seats   of a shard: its cells and, behind them, at least one that fills it up
    order   (N,) the cell at each place; None where cells stand as they are numbered
    """

    cells: int
    shards: int
    seats: int
    order: Integers | None = None

    @property
    def most(self) -> int:
        """Cells of the shard that has most."""
        return -(-self.cells // self.shards)

    @cached_property
    def bounds(self) -> Integers:
        """(shards + 1,) the place at which each shard begins, and the end of the last: shares differ by one cell."""
        return np.arange(self.shards + 1, dtype=np.int64) * self.cells // self.shards

    def places(self, cells: Integers) -> Integers:
        """The places of cells."""
        return cells if self.order is None else np.argsort(self.order)[cells]

    def shard_of(self, places: Integers) -> Integers:
        """The shard that has each place."""
        return np.searchsorted(self.bounds, places, side="right") - 1

    def seat_of(self, places: Integers) -> Integers:
        """The seat of each place in its shard."""
        return places - self.bounds[self.shard_of(places)]

    def held(self, shard: int) -> Integers:
        """The cell (seats,) on each seat of a shard; its last cell fills up."""
        begin, end = self.bounds[shard : shard + 2]
        places = np.append(np.arange(begin, end), np.full(self.seats - (end - begin), max(begin, end - 1)))
        return places if self.order is None else self.order[places]

    def seated(self, shards: range, per_cell: Array, first: int = 0) -> Array:
        """What cells have (..., n), from cell `first` on, as shards have it (..., shards * seats)."""
        return per_cell[..., np.concatenate([self.held(shard) for shard in shards]) - first]

    def back(self, per_seat: Array) -> Array:
        """What the seats of all shards have (..., shards * seats), in the order of the cells (..., N)."""
        places = self.places(np.arange(self.cells))
        return per_seat[..., self.shard_of(places) * self.seats + self.seat_of(places)]


def cut(cells: int, shards: int, multiple: int, order: Integers | None = None) -> Cut:
    """The `Cut` of cells into shards whose seats are a multiple."""
    return Cut(cells, shards, (-(-cells // shards) // multiple + 1) * multiple, order)
