"""A standard network that is not drawn yet: whoever has a part of its cells draws what that part needs, and no more."""

from __future__ import annotations

from typing import Tuple

import numpy as np

from model.arrays import Floats, Integers
from model.kernels import KERNELS
from model.network import Network
from model.network.drawing import Drawing, Piece, joined
from model.network.topology import PAIRS_PER_CELL, reach


class Undrawn(Network):
    """A standard network, rounded to float32 as rows have it: all is known of it but its cells and connections.

    begin   the first of the cells that have been drawn here; state, parameters, sources and targets are theirs alone
    """

    def __init__(self, drawing: Drawing) -> None:
        kernel = KERNELS[drawing.kernel]
        self.drawing, self.begin = drawing, 0
        self.kernel, self.cells, self.seed = drawing.kernel, drawing.cells, drawing.seed
        both_ways = 1 if kernel.synaptic else 2
        self.connections = self.cells * PAIRS_PER_CELL * both_ways if drawing.connected else 0
        self.topology = drawing.topology if drawing.connected else None
        self.states = kernel.state_names(self.connected)
        self.weights = rounded(np.array(kernel.weight))
        self.parameters = {name: rounded(np.array(float(value))) for name, value in kernel.parameters.items()}
        self.state = np.empty((len(self.states), 0))
        self.sources = self.targets = np.empty(0, np.int64)
        self.delays = None if drawing.delays is None else np.array(drawing.delays[1])

    def rounded(self) -> Network:
        """Itself."""
        return self

    def draw(self, begin: int, end: int) -> None:
        """Draw the cells from `begin` to `end` and the connections that end at them."""
        mine = drawn(self.drawing, begin, end)
        self.begin, self.state = begin, rounded(mine.state)
        self.parameters.update({name: rounded(value) for name, value in mine.parameters.items()})
        self.sources, self.targets = mine.sources, mine.targets
        self.delays = mine.delays

    def delay_steps(self, dt: float) -> Integers | None:
        """Steps of `dt` ms of the delays that are drawn, and of the longest there may be where none is."""
        return None if self.delays is None else np.atleast_1d(np.rint(self.delays / dt).astype(np.int64))


def rounded(array: Floats) -> Floats:
    """The array, each number rounded to float32."""
    return array.astype(np.float32).astype(np.float64)


def drawn(drawing: Drawing, begin: int, end: int) -> Piece:
    """Some cells of a network, and its connections that end at them."""
    spans = drawing.spans()
    inside = [i for i, (first, last) in enumerate(spans) if first < end and last > begin]
    beyond = reach(drawing.shape) - 1 if len(spans) > 1 else 0  # planes that pairs reach at most, around the torus
    near = sorted({(i + distance) % len(spans) for i in inside for distance in range(-beyond, beyond + 1)})
    return joined([_within(drawing.piece(i), spans[i], begin, end) for i in near])


def _within(piece: Piece, span: Tuple[int, int], begin: int, end: int) -> Piece:
    first, last = (min(max(bound, span[0]), span[1]) - span[0] for bound in (begin, end))
    mine = (piece.targets >= begin) & (piece.targets < end)
    return Piece(
        piece.state[:, first:last],
        {name: value[first:last] for name, value in piece.parameters.items()},
        piece.sources[mine],
        piece.targets[mine],
        None if piece.delays is None else piece.delays[mine],
    )
