"""Coupling as a table of neighbours per target, filled up where a cell has fewer: a gather and a sum, no scatter."""

from __future__ import annotations

from typing import Callable, Sequence, Tuple

import numpy as np

from model.arrays import Array, Arrays, Integers
from model.kernels.kernel import Edge
from model.network.network import Network
from model.operations import Operations

ARRAYS = ("neighbours", "weights")

SUMMED_SINGLY = 64  # up to so many neighbours compilers sum one by one: they vectorise that, but take longer over it


def arrays(network: Network, synaptic: bool) -> Arrays:
    """Table (K, N) of each cell's K neighbours, and weights, a scalar or (K, N).

    A cell with fewer neighbours is its own: its gap current to itself is zero, and so is its weight in a table.
    """
    order, places = seats(network)
    table = np.tile(np.arange(network.cells, dtype=np.int32), (width(network), 1))
    table[places] = network.sources[order]
    if network.weights.ndim == 0 and not synaptic:
        return table, network.weights
    weights = np.zeros(table.shape)
    weights[places] = np.broadcast_to(network.weights, network.connections)[order]
    return table, weights


def seats(network: Network) -> Tuple[Integers, Tuple[Integers, Integers]]:
    """An order of the connections, and in it the places ((E,), (E,)) that they have in a table (K, N)."""
    degree = np.bincount(network.targets, minlength=network.cells)
    order = np.argsort(network.targets, kind="stable")
    target = network.targets[order]
    return order, (np.arange(network.connections) - (np.cumsum(degree) - degree)[target], target)


def width(network: Network) -> int:
    """Neighbours of the cell that has most."""
    return int(np.bincount(network.targets, minlength=network.cells).max())


def footprint(network: Network, itemsize: int) -> int:
    """Bytes of the table and its weights, and of one potential per entry where they are not summed one by one."""
    entries = width(network) * network.cells
    return entries * (4 + itemsize) + (3 * entries * itemsize if width(network) > SUMMED_SINGLY else 0)


def current(ops: Operations, edge: Edge, arrays: Sequence[Array], signal: Array) -> Array:
    """Sum (N,) over the neighbours of each cell."""
    table, weights = arrays
    return summed(ops, table, weights, lambda entries: edge(ops, ops.gather(signal, entries), signal))


def summed(ops: Operations, table: Array, weights: Array, brought: Callable[[Array], Array]) -> Array:
    """Sum (N,) of the weighted `brought(entries)` of a table's entries, one row after another or all at once."""
    if table.shape[0] > ops.summed_singly:
        return ops.sum(weights * brought(table), 0)
    if len(weights.shape) == 0:
        return weights * sum(brought(table[k]) for k in range(table.shape[0]))
    return sum(weights[k] * brought(table[k]) for k in range(table.shape[0]))
