"""The standard networks: a torus of cells, drawn from a seed."""

from __future__ import annotations

from typing import Tuple

from model.checks import finite_array, one_of, whole_number, yes_or_no
from model.kernels import KERNELS
from model.network import topology as torus
from model.network.drawing import WHOLE, Drawing
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
    shape: torus.Shape | None = None,
) -> Network:
    """A network of side**3 cells, the same for a seed on every machine.

    kernel      name in `KERNELS`
    side        cells along each edge of the grid, at least 4
    connected   five distinct pairs per cell: gap junctions act both ways, of a synapse one direction is drawn
    topology    "paper" or "authors": how likely a distance is
    uniform     True keeps cells equal that differ by default: those of io in g_CaL = 0.5 + 0.9 U(0,1) mS/cm2
    delays      (low, high) in ms: each connection of hh or lif has one drawn between them; None: none has
    shape       (x, y, z) cells along the edges of a grid that is no cube, instead of `side`

    Raises ValueError for unknown names, a side below 4, a negative or fractional seed and delays that cannot be.
    """
    one_of("kernel", kernel, KERNELS)
    one_of("topology", topology, torus.TOPOLOGIES)
    sides = (side,) * 3 if shape is None else tuple(shape)
    if len(sides) != 3:
        raise ValueError(f"shape is {shape!r}: expected (x, y, z), cells along each edge of the grid")
    X, Y, Z = (whole_number("side", n, 4, LARGEST if shape is None else LARGEST**3 // 16) for n in sides)
    whole_number("cells", X * Y * Z, 64, LARGEST**3)
    seed, late = whole_number("seed", seed, 0), None if delays is None else _ordered(delays)
    connected, uniform = yes_or_no("connected", connected), yes_or_no("uniform", uniform)
    drawn = Drawing(kernel, (X, Y, Z), connected, seed, topology, uniform, late, X * Y * Z > WHOLE).whole()
    said, given = topology if connected else None, (drawn.sources, drawn.targets, None, drawn.parameters)
    return Network(kernel, drawn.state, *given, topology=said, seed=seed, delays=drawn.delays)


def _ordered(delays: Tuple[float, float]) -> Tuple[float, float]:
    low, high = finite_array("delays", delays, [(2,)])
    if not 0.0 <= low <= high:
        raise ValueError(f"delays is ({low:g}, {high:g}): expected (low, high) in ms with 0 <= low <= high")
    return float(low), float(high)
