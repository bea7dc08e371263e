"""Where cells, neighbours and weights stand in the arrays of a native program.

Cells are put in blocks of 16. A table of neighbours has in each block as many rows as the cell there that has most, so
cells are sorted by their number of neighbours within windows of 512: SELL-C-sigma (Kreutzer, Hager, Wellein, Fehske,
Bishop 2014, SIAM J Sci Comput 36:C401).
"""

from __future__ import annotations

from typing import List, Sequence, Tuple

import numpy as np

from model.arrays import Array, Integers, Precision
from model.network import Network
from neurochip_bench.backends.native.loops import CHUNK, LANES

PLACES = 2**32  # that an index of a neighbour tells apart
WINDOW = 512  # cells, within which neighbours in a network stay neighbours in memory


def blocks_of(cells: int) -> int:
    """Blocks that hold so many cells."""
    return -(-cells // LANES)


def order_of(degree: Integers) -> Integers:
    """The cells in the order in which they are put into blocks: within a window the busiest first."""
    window = np.arange(len(degree)) // WINDOW
    return np.lexsort((-degree, window))


def filled(array: Array) -> Array:
    """Values of cells (..., N) with the last one repeated until all blocks are full."""
    missing = blocks_of(array.shape[-1]) * LANES - array.shape[-1]
    return np.pad(array, [*[(0, 0)] * (array.ndim - 1), (0, missing)], mode="edge")


def in_blocks(rows: Array) -> Array:
    """Rows (R, N) of cells as blocks, flat: [block][row][cell]."""
    full = filled(rows)
    return full.reshape(len(rows), full.shape[-1] // LANES, LANES).transpose(1, 0, 2).reshape(-1)


def lay_out(coupling: str, network: Network, dtype: Precision, dt: float, ring: int) -> List[Array]:
    """(order, T, W, D, P) of a connected network: cells in order, and the arrays of the program by the names there.

    ring   steps that signals are kept for, over which delays reach back
    """
    degree = np.bincount(network.targets, minlength=network.cells)
    order = order_of(degree) if coupling == "padded" else np.arange(network.cells)
    seat = np.empty(network.cells, np.int64)
    seat[order] = np.arange(network.cells)
    by_target = np.argsort(seat[network.targets], kind="stable")
    target, source = seat[network.targets[by_target]], seat[network.sources[by_target]]
    places = looked_up(network, source, by_target, dt, ring)
    weights = network.weights if network.weights.ndim == 0 else network.weights[by_target]
    if coupling == "padded":
        return [order, *table(places, target, weights, filled(degree[order]), len(degree), dtype)]
    return [order, *edges(places, target, weights, network.cells, dtype)]


def looked_up(network: Network, source: Integers, by_target: Integers, dt: float, ring: int) -> Integers:
    """Where the signal of each connection's source stands, counted from those of now; in a ring, if it is late."""
    delays = network.delay_steps(dt)
    if delays is None:
        return source
    around = blocks_of(network.cells) * LANES
    if ring * around > PLACES:
        raise ValueError(f"delays keep {ring} steps of {around} cells: expected {PLACES} signals at most")
    return source + (ring - delays[by_target]) % ring * around


def table(
    places: Integers, target: Integers, weights: Array, degree: Integers, cells: int, dtype: Precision
) -> Sequence[Array]:
    """T and W as tables that are cut block by block, D neighbours of each cell, P where a block's table begins."""
    degree = degree.copy()
    degree[cells:] = 0  # cells that fill up a block hear nobody
    widths = degree.reshape(-1, LANES).max(axis=1)
    begins = np.concatenate([[0], np.cumsum(widths * LANES)])
    first = np.cumsum(degree) - degree
    at = begins[target // LANES] + (np.arange(len(target)) - first[target]) * LANES + target % LANES
    neighbours = np.zeros(begins[-1], np.uint32)
    neighbours[at] = places
    return neighbours, weights_of(weights, at, begins[-1], dtype), degree.astype(dtype), begins.astype(np.uint64)


def edges(places: Integers, target: Integers, weights: Array, cells: int, dtype: Precision) -> Sequence[Array]:
    """T and W as lists of connections, D the target within its block, P where a block's list begins."""
    begins = np.searchsorted(target, np.arange(blocks_of(cells) + 1) * LANES).astype(np.uint64)
    held = weights_of(weights, slice(None), len(places), dtype)
    return places.astype(np.uint32), held, (target % LANES).astype(np.uint32), begins


def weights_of(weights: Array, at: Array, size: int, dtype: Precision) -> Array:
    """Weights by place; of a number so many as a loop reads of them."""
    if weights.ndim == 0:
        return np.full(CHUNK, weights, dtype)
    held = np.zeros(size, dtype)
    held[at] = weights
    return held


def shares(begins: Array | None, blocks: int, threads: int) -> List[Tuple[int, int]]:
    """The blocks of each thread, so that all have as much to do; connections are counted where there are any."""
    work = np.arange(blocks + 1, dtype=float)
    if begins is not None:
        work = work * 25 + begins.astype(float) / LANES  # a cell's step is worth some 25 neighbours
    cuts = np.searchsorted(work, np.linspace(0, work[-1], threads + 1)[1:-1])
    bounds = [0, *(int(cut) for cut in cuts), blocks]
    return list(zip(bounds, bounds[1:]))
