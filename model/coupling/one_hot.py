"""Coupling with gather and scatter as products with one-hot matrices: what chips without them make of it.

The products must not round their inputs: at reduced precision they corrupt the potentials that they gather.
"""

from __future__ import annotations

from typing import Sequence

import numpy as np

from model.arrays import Array, Arrays
from model.kernels.kernel import Edge
from model.network.network import Network
from model.operations import Operations

ARRAYS = ("sources", "targets", "weights")


def arrays(network: Network, synaptic: bool) -> Arrays:
    """One-hot matrices of sources (E, N) and targets (E, N), and weights, a scalar or (E,)."""
    identity = np.eye(network.cells)
    return identity[network.sources], identity[network.targets], network.weights


def footprint(network: Network, itemsize: int) -> int:
    """Bytes of the two matrices."""
    return 2 * network.connections * network.cells * itemsize


def current(ops: Operations, edge: Edge, arrays: Sequence[Array], signal: Array) -> Array:
    """Sum (N,) over the connections of each cell."""
    sources, targets, weights = arrays
    per_connection = weights * edge(ops, ops.matmul(sources, signal), ops.matmul(targets, signal))
    return ops.matmul(per_connection, targets)
