"""The named operations that kernels and couplings are written against, in NumPy.

Arithmetic and comparisons are plain operators. A backend brings a class with the same names, bound to a type, so that
no constant widens a result.
"""

from __future__ import annotations

import numpy as np

from model.arrays import Array
from model.coupling.padded import SUMMED_SINGLY


class NumpyOps:
    """The operations on NumPy arrays of one floating-point type."""

    summed_singly: float = SUMMED_SINGLY

    def __init__(self, dtype: np.dtype | type) -> None:
        self.dtype = np.dtype(dtype)

    def exp(self, x: Array) -> Array:
        """Exponential, by element."""
        return np.exp(self.dtype.type(x) if np.ndim(x) == 0 else x)

    def minimum(self, a: Array, b: Array) -> Array:
        """The smaller of two, by element."""
        return np.minimum(a, self.dtype.type(b))

    def where(self, condition: Array, a: Array, b: Array) -> Array:
        """`a` where the condition holds, else `b`."""
        return np.where(condition, np.asarray(a, self.dtype), np.asarray(b, self.dtype))

    def gather(self, array: Array, indices: Array) -> Array:
        """The elements of a one-dimensional array at `indices`, in their shape."""
        return array[indices]

    def scatter_add(self, like: Array, indices: Array, values: Array) -> Array:
        """Sums (N,) of the values at each of `indices` (E,); `like` has the shape (N,) of the result."""
        total = np.zeros(len(like), self.dtype)
        np.add.at(total, indices, values)
        return total

    def push(self, ring: Array, slot: Array, row: Array) -> Array:
        """A ring buffer (slots * N,) with `row` (N,) in place of one of its slots; what was there is gone."""
        ring[slot * len(row) : (slot + 1) * len(row)] = row
        return ring

    def add_at(self, ring: Array, indices: Array, values: Array) -> Array:
        """A ring buffer with the values (E,) added at `indices` (E,)."""
        np.add.at(ring, indices, values)
        return ring

    def row(self, ring: Array, slot: Array, cells: int) -> Array:
        """The slot (N,) of a ring buffer."""
        return ring[slot * cells : (slot + 1) * cells]

    def wrap(self, index: Array, size: int) -> Array:
        """Indices from 0 to 2 * size, those that are beyond it starting anew."""
        return np.where(index >= size, index - size, index)

    def matmul(self, a: Array, b: Array) -> Array:
        """Product of a matrix and a vector, or of a vector and a matrix, at full precision."""
        return a @ b

    def sum(self, array: Array, axis: int) -> Array:
        """Sum along one axis."""
        return array.sum(axis=axis, dtype=self.dtype)
