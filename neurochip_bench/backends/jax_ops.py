"""The named operations of kernels and couplings, in JAX."""

from __future__ import annotations

import numpy as np

from model.arrays import Array
from model.coupling.padded import SUMMED_SINGLY
from neurochip_bench.backends.libraries import Library


class JaxOps:
    """The named operations on JAX's arrays of one floating-point type."""

    summed_singly: float = SUMMED_SINGLY

    def __init__(self, jax: Library, dtype: np.dtype) -> None:
        self.jnp, self.dtype = jax.numpy, dtype
        self._lax, self._highest = jax.lax, jax.lax.Precision.HIGHEST

    def _array(self, x: Array) -> Array:
        return self.jnp.asarray(x, self.dtype)

    def exp(self, x: Array) -> Array:
        """Exponential, by element."""
        return self.jnp.exp(self._array(x))

    def minimum(self, a: Array, b: Array) -> Array:
        """The smaller of two, by element."""
        return self.jnp.minimum(a, self._array(b))

    def where(self, condition: Array, a: Array, b: Array) -> Array:
        """`a` where the condition holds, else `b`."""
        return self.jnp.where(condition, self._array(a), self._array(b))

    def gather(self, array: Array, indices: Array) -> Array:
        """The elements of a one-dimensional array at `indices`, in their shape."""
        return array.at[indices].get(mode="promise_in_bounds")

    def scatter_add(self, like: Array, indices: Array, values: Array) -> Array:
        """Sums (N,) of the values at each of `indices` (E,); `like` has the shape (N,) of the result."""
        return self.jnp.zeros_like(like).at[indices].add(values, mode="promise_in_bounds")

    def push(self, ring: Array, slot: Array, row: Array) -> Array:
        """A ring buffer (slots * N,) with `row` (N,) in place of one of its slots."""
        return self._lax.dynamic_update_slice(ring, row, (slot * row.shape[0],))

    def add_at(self, ring: Array, indices: Array, values: Array) -> Array:
        """A ring buffer with the values (E,) added at `indices` (E,)."""
        return ring.at[indices].add(values, mode="promise_in_bounds")

    def row(self, ring: Array, slot: Array, cells: int) -> Array:
        """The slot (N,) of a ring buffer."""
        return self._lax.dynamic_slice(ring, (slot * cells,), (cells,))

    def wrap(self, index: Array, size: int) -> Array:
        """Indices from 0 to 2 * size, those that are beyond it starting anew."""
        return self.jnp.where(index >= size, index - size, index)

    def matmul(self, a: Array, b: Array) -> Array:
        """Product of a matrix and a vector, or of a vector and a matrix, at full precision."""
        return self.jnp.matmul(a, b, precision=self._highest)

    def sum(self, array: Array, axis: int) -> Array:
        """Sum along one axis."""
        return array.sum(axis)
