"""Cells renumbered so that neighbours stand close together, where whoever numbered them did not care."""

from __future__ import annotations

import numpy as np

from model.arrays import Integers
from model.network import Network


def close_together(network: Network) -> Integers:
    """The cell at each place (N,), by Cuthill and McKee (1969), in reverse."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import reverse_cuthill_mckee

    shape = (network.cells, network.cells)
    joined = coo_array((np.ones(network.connections, np.int8), (network.sources, network.targets)), shape).tocsr()
    return reverse_cuthill_mckee((joined + joined.T).tocsr(), symmetric_mode=True).astype(np.int64)
