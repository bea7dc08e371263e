"""Coupling as the adjacency matrix: every pair of cells is computed, most of them for a weight of zero."""

from __future__ import annotations

from typing import Sequence

import numpy as np

from model.arrays import Array, Arrays
from model.kernels.kernel import Edge
from model.network.network import Network
from model.operations import Operations

ARRAYS = ("weights",)


def arrays(network: Network, synaptic: bool) -> Arrays:
    """Weights (N, N), target by source; those of repeated connections add."""
    weights = np.zeros((network.cells, network.cells))
    np.add.at(weights, (network.targets, network.sources), network.weights)
    return (weights,)


def footprint(network: Network, itemsize: int) -> int:
    """Bytes of the matrix and of the differences computed from it."""
    return 3 * network.cells**2 * itemsize


def current(ops: Operations, edge: Edge, arrays: Sequence[Array], signal: Array) -> Array:
    """Sum (N,) over all cells for each cell."""
    (weights,) = arrays
    return ops.sum(weights * edge(ops, signal[None, :], signal[:, None]), 1)
