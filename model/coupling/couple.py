"""What a kernel calls to hear from its neighbours, and what it leaves under way for the steps that follow."""

from __future__ import annotations

from typing import Sequence, Tuple

import numpy as np

from model.arrays import Array
from model.coupling.layout import DELAYED, FORMULATIONS
from model.kernels.kernel import Edge
from model.operations import Operations


def at_rest(slots: int, cells: int) -> Tuple[Array, ...]:
    """What is under way at the start: (ring (slots * N,) of zeros, slot), or nothing without slots."""
    return (np.zeros(slots * cells), np.array(0, np.int32)) if slots else ()


class Couple:
    """`couple` of one step.

    name        of the formulation; None where nothing is connected
    under_way   () or (ring, slot) before the step; `after` holds what is under way after it, once it was called
    shape       (slots, N) of the ring
    """

    def __init__(
        self,
        ops: Operations,
        edge: Edge,
        name: str | None,
        arrays: Sequence[Array],
        under_way: Sequence[Array] = (),
        shape: Tuple[int, int] = (0, 0),
    ) -> None:
        self._ops, self._edge, self._name, self._arrays = ops, edge, name, arrays
        self.after, self._shape = tuple(under_way), shape

    def __call__(self, signal: Array) -> Array:
        """Sum (N,) over the connections of each cell."""
        if self._name is None:
            return 0.0
        if not self.after:
            return FORMULATIONS[self._name].current(self._ops, self._edge, self._arrays, signal)
        ring, slot = self.after
        formulation, slots = DELAYED[self._name], self._shape[0]
        arrived, ring = formulation.current(self._ops, self._edge, self._arrays, signal, ring, slot, self._shape)
        self.after = ring, self._ops.wrap(slot + (slots - 1), slots)
        return arrived
