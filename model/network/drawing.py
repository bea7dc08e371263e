"""How a standard network is drawn from its seed: whole, or a large one plane by plane, of which anybody draws some."""

from __future__ import annotations

from typing import List, Mapping, NamedTuple, Tuple

import numpy as np

from model.arrays import Floats, Integers
from model.kernels import KERNELS
from model.network import topology as torus

WHOLE = 10**6  # cells up to which a network is drawn by one generator; of more, each plane has its own


class Piece(NamedTuple):
    """Cells (n,) that are drawn together, and the connections (E,) of the network that come with them, by target."""

    state: Floats
    parameters: Mapping[str, Floats]
    sources: Integers
    targets: Integers
    delays: Floats | None


class Drawing(NamedTuple):
    """What a standard network is drawn from, checked by `build`."""

    kernel: str
    shape: torus.Shape
    connected: bool
    seed: int
    topology: str
    uniform: bool
    delays: Tuple[float, float] | None
    planes: bool  # whether each plane is drawn by its own generator, as those of more than `WHOLE` cells are

    @property
    def cells(self) -> int:
        """Of the network."""
        return int(np.prod(self.shape))

    def spans(self) -> List[Tuple[int, int]]:
        """(begin, end) of the cells of each piece."""
        step = self.shape[0] * self.shape[1] if self.planes else self.cells
        return [(begin, begin + step) for begin in range(0, self.cells, step)]

    def piece(self, number: int) -> Piece:
        """A piece, whose connections end within the reach of its cells."""
        begin, end = self.spans()[number]
        model, n = KERNELS[self.kernel], end - begin
        rng = np.random.default_rng([self.seed, number] if self.planes else self.seed)
        state = model.initial(n, rng)
        parameters = {} if self.uniform or model.varied is None else model.varied(n, rng)
        sources = targets = np.empty(0, np.int64)
        if self.connected:
            pairs = torus.draw(self.shape, self.topology, rng, begin, end)
            if model.synaptic:
                state = np.concatenate([state, np.zeros((1, n))])
                turned = rng.random(len(pairs)) < 0.5
                sources, targets = np.where(turned, pairs.T[::-1], pairs.T)
            else:
                sources, targets = np.concatenate([pairs, pairs[:, ::-1]]).T
            order = np.argsort(targets, kind="stable")  # neighbours in memory are neighbours in space
            sources, targets = sources[order], targets[order]
        late = None if self.delays is None else rng.uniform(*self.delays, len(sources))  # last: it changes nothing else
        return Piece(state, parameters, sources, targets, late)

    def whole(self) -> Piece:
        """All pieces as one."""
        return joined([self.piece(number) for number in range(len(self.spans()))])


def joined(pieces: List[Piece]) -> Piece:
    """Pieces as one, by target still."""
    states, parameters, sources, targets, delays = zip(*pieces)
    order = np.argsort(np.concatenate(targets), kind="stable")
    per_cell = {name: np.concatenate([of_piece[name] for of_piece in parameters]) for name in parameters[0]}
    late = None if delays[0] is None else np.concatenate(delays)[order]
    whole = np.concatenate(states, 1), per_cell, np.concatenate(sources)[order], np.concatenate(targets)[order]
    return Piece(*whole, late)
