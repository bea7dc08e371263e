"""Coupling as the adjacency matrix: every pair of cells is computed, most of them for a weight of zero."""

from __future__ import annotations

import numpy as np

ARRAYS = ("weights",)


def arrays(network, synaptic):
    """Weights (N, N), target by source; those of repeated connections add."""
    weights = np.zeros((network.cells, network.cells))
    np.add.at(weights, (network.targets, network.sources), network.weights)
    return (weights,)


def footprint(network, itemsize):
    """Bytes of the matrix and of the differences computed from it."""
    return 3 * network.cells**2 * itemsize


def current(ops, edge, arrays, signal):
    """Sum (N,) over all cells for each cell."""
    (weights,) = arrays
    return ops.sum(weights * edge(ops, signal[None, :], signal[:, None]), 1)
