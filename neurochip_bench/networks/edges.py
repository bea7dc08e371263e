"""What the connections of a network are like."""

from __future__ import annotations

import numpy as np

from model.arrays import Integers
from model.kernels import KERNELS
from model.network import Network


def in_degrees(network: Network) -> Integers:
    """Connections (N,) that end at each cell."""
    return np.bincount(network.targets, minlength=network.cells).astype(np.int64)


def self_edges(network: Network) -> int:
    """Connections of a cell with itself."""
    return int((network.sources == network.targets).sum())


def duplicates(network: Network) -> int:
    """Connections beyond the first from a cell to another; they add."""
    return network.connections - len(np.unique(_numbers(network.sources, network.targets, network)))


def one_way(network: Network) -> int | None:
    """Gap junctions of which the other direction is not there, which may be meant; None where synapses connect."""
    if KERNELS[network.kernel].synaptic:
        return None
    there = _numbers(network.sources, network.targets, network)
    back = _numbers(network.targets, network.sources, network)
    return int((~np.isin(there, back)).sum())


def _numbers(sources: Integers, targets: Integers, network: Network) -> Integers:
    return sources * network.cells + targets
