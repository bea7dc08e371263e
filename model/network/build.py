"""The standard networks: a torus of cells, drawn from a seed."""

from __future__ import annotations

from typing import Tuple

import numpy as np

from model.checks import finite_array, one_of, whole_number, yes_or_no
from model.kernels import KERNELS
from model.network import topology as torus
from model.network.network import Network

LARGEST = 464  # side of a network of 10^8 cells, some tens of times as many as the human inferior olive has


def build(
    kernel: str = "io",
    side: int = 9,
    connected: bool = True,
    seed: int = 42,
    topology: str = "paper",
    *,
    uniform: bool = False,
    delays: Tuple[float, float] | None = None,
) -> Network:
    """A network of side**3 cells, the same for a seed on every machine.

    kernel      name in `KERNELS`
    side        cells along each edge of the grid, at least 4
    connected   five distinct pairs per cell: gap junctions act both ways, of a synapse one direction is drawn
    topology    "paper" or "authors": how likely a distance is
    uniform     True keeps cells equal that differ by default: those of io in g_CaL = 0.5 + 0.9 U(0,1) mS/cm2
    delays      (low, high) in ms: each connection of hh or lif has one drawn between them; None: none has

    Raises ValueError for unknown names, a side below 4, a negative or fractional seed and delays that cannot be.
    """
    model = KERNELS[one_of("kernel", kernel, KERNELS)]
    one_of("topology", topology, torus.TOPOLOGIES)
    side, seed = whole_number("side", side, 4, LARGEST), whole_number("seed", seed, 0)
    connected, uniform = yes_or_no("connected", connected), yes_or_no("uniform", uniform)
    rng = np.random.default_rng(seed)
    cells = side**3
    state = model.initial(cells, rng)
    parameters = {} if uniform or model.varied is None else model.varied(cells, rng)
    sources = targets = np.empty(0, np.int64)
    if connected:
        pairs = torus.draw(side, topology, rng)
        if model.synaptic:
            state = np.concatenate([state, np.zeros((1, cells))])
            turned = rng.random(len(pairs)) < 0.5
            sources, targets = np.where(turned, pairs.T[::-1], pairs.T)
        else:
            sources, targets = np.concatenate([pairs, pairs[:, ::-1]]).T
        order = np.argsort(targets, kind="stable")  # neighbours in memory are neighbours in space
        sources, targets = sources[order], targets[order]
    drawn = topology if connected else None
    late = None
    if delays is not None:  # drawn last, so that the network is the same without
        low, high = _ordered(delays)
        late = rng.uniform(low, high, len(sources))
    return Network(kernel, state, sources, targets, None, parameters, topology=drawn, seed=seed, delays=late)


def _ordered(delays: Tuple[float, float]) -> Tuple[float, float]:
    low, high = finite_array("delays", delays, [(2,)])
    if not 0.0 <= low <= high:
        raise ValueError(f"delays is ({low:g}, {high:g}): expected (low, high) in ms with 0 <= low <= high")
    return low, high
