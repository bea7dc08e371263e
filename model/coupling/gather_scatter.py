"""Coupling as a gather per connection and a scatter-add per target (Landsmeer et al. 2024, listing 2)."""

from __future__ import annotations

from typing import Sequence

import numpy as np

from model.arrays import Array, Arrays
from model.kernels.kernel import Edge
from model.network.network import Network
from model.operations import Operations

ARRAYS = ("sources", "targets", "weights")


def arrays(network: Network, synaptic: bool) -> Arrays:
    """Sources (E,), targets (E,) and weights, a scalar or (E,)."""
    return network.sources.astype(np.int32), network.targets.astype(np.int32), network.weights


def footprint(network: Network, itemsize: int) -> int:
    """Bytes of the arrays and of what is computed per connection."""
    return network.connections * (8 + 4 * itemsize)


def current(ops: Operations, edge: Edge, arrays: Sequence[Array], signal: Array) -> Array:
    """Sum (N,) over the connections of each cell."""
    sources, targets, weights = arrays
    per_connection = weights * edge(ops, ops.gather(signal, sources), ops.gather(signal, targets))
    return ops.scatter_add(signal, targets, per_connection)
