"""Coupling with gather and scatter as products with one-hot matrices: what chips without them make of it.

The products must not round their inputs: at reduced precision they corrupt the potentials that they gather.
"""

from __future__ import annotations

import numpy as np

ARRAYS = ("sources", "targets", "weights")


def arrays(network, synaptic):
    """One-hot matrices of sources (E, N) and targets (E, N), and weights, a scalar or (E,)."""
    identity = np.eye(network.cells)
    return identity[network.sources], identity[network.targets], network.weights


def footprint(network, itemsize):
    """Bytes of the two matrices."""
    return 2 * network.connections * network.cells * itemsize


def current(ops, edge, arrays, signal):
    """Sum (N,) over the connections of each cell."""
    sources, targets, weights = arrays
    per_connection = weights * edge(ops, ops.matmul(sources, signal), ops.matmul(targets, signal))
    return ops.matmul(per_connection, targets)
