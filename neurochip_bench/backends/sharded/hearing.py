"""A step of a shard: what it hears of other shards stands beside its own where a signal is looked up or kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from model.arrays import Array
from model.coupling import Couple
from neurochip_bench.backends.jax_ops import JaxOps
from neurochip_bench.backends.libraries import Library


class Heard(JaxOps):
    """The named operations of a shard: a signal that is looked up, or kept for later, is also what others sent."""

    def __init__(self, jax: Library, dtype: np.dtype, signal: Array, heard: Array, kept: bool) -> None:
        super().__init__(jax, dtype)
        self._signal, self._heard, self._kept = signal, heard, kept

    def gather(self, array: Array, indices: Array) -> Array:
        """The elements of a one-dimensional array at `indices`, in their shape."""
        return super().gather(self._heard if array is self._signal else array, indices)

    def push(self, ring: Array, slot: Array, row: Array) -> Array:
        """A ring buffer with `row` in place of one of its slots."""
        return super().push(ring, slot, self._heard if self._kept and row is self._signal else row)


class HearingCouple(Couple):
    """`couple` of one step of a shard: what others sent is exchanged once, when it is called."""

    def __init__(self, hear: Any, *arguments: Any) -> None:  # a function of a signal; what `Couple` takes
        super().__init__(*arguments)
        self._hear = hear

    def __call__(self, signal: Array) -> Array:
        """Sum (seats,) over the connections of each cell."""
        if self._name is not None:
            self._ops = self._hear(signal)
        return super().__call__(signal)
