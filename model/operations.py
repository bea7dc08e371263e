"""The named operations that kernels and couplings are written against; every other operation is plain arithmetic."""

from __future__ import annotations

from typing import Protocol

from model.arrays import Array


class Elementwise(Protocol):
    """What rates need: `numpy` itself has it."""

    def exp(self, x: Array, /) -> Array:
        """Exponential, by element."""

    def minimum(self, a: Array, b: Array, /) -> Array:
        """The smaller of two, by element."""

    def where(self, condition: Array, a: Array, b: Array, /) -> Array:
        """`a` where the condition holds, else `b`; both finite everywhere."""


class Operations(Elementwise, Protocol):
    """The operations of an array library, bound to one floating-point type so that no constant widens a result."""

    @property
    def summed_singly(self) -> float:
        """So many rows of a table of neighbours are summed one by one at most."""

    def gather(self, array: Array, indices: Array) -> Array:
        """The elements of a one-dimensional array at `indices`, in their shape."""

    def scatter_add(self, like: Array, indices: Array, values: Array) -> Array:
        """Sums (N,) of the values at each of `indices` (E,); `like` has the shape (N,) of the result."""

    def push(self, ring: Array, slot: Array, row: Array) -> Array:
        """A ring buffer (slots * N,) with `row` (N,) in place of one of its slots; what was there is gone."""

    def add_at(self, ring: Array, indices: Array, values: Array) -> Array:
        """A ring buffer with the values (E,) added at `indices` (E,)."""

    def row(self, ring: Array, slot: Array, cells: int) -> Array:
        """The slot (N,) of a ring buffer."""

    def wrap(self, index: Array, size: int) -> Array:
        """Indices from 0 to 2 * size, those that are beyond it starting anew."""

    def matmul(self, a: Array, b: Array) -> Array:
        """Product of a matrix and a vector, or of a vector and a matrix, at full precision."""

    def sum(self, array: Array, axis: int) -> Array:
        """Sum along one axis."""
