"""The named operations of kernels and couplings, in JAX."""

from __future__ import annotations

from model.coupling.padded import UNROLLED


class JaxOps:
    """The named operations on JAX's arrays of one floating-point type."""

    unrolled = UNROLLED

    def __init__(self, jax, dtype):
        self.jnp, self.dtype = jax.numpy, dtype
        self._lax, self._highest = jax.lax, jax.lax.Precision.HIGHEST

    def _array(self, x):
        return self.jnp.asarray(x, self.dtype)

    def exp(self, x):
        """Exponential, by element."""
        return self.jnp.exp(self._array(x))

    def minimum(self, a, b):
        """The smaller of two, by element."""
        return self.jnp.minimum(a, self._array(b))

    def where(self, condition, a, b):
        """`a` where the condition holds, else `b`."""
        return self.jnp.where(condition, self._array(a), self._array(b))

    def gather(self, array, indices):
        """The elements of a one-dimensional array at `indices`, in their shape."""
        return array.at[indices].get(mode="promise_in_bounds")

    def scatter_add(self, like, indices, values):
        """Sums (N,) of the values at each of `indices` (E,); `like` has the shape (N,) of the result."""
        return self.jnp.zeros_like(like).at[indices].add(values, mode="promise_in_bounds")

    def push(self, ring, slot, row):
        """A ring buffer (slots * N,) with `row` (N,) in place of one of its slots."""
        return self._lax.dynamic_update_slice(ring, row, (slot * row.shape[0],))

    def add_at(self, ring, indices, values):
        """A ring buffer with the values (E,) added at `indices` (E,)."""
        return ring.at[indices].add(values, mode="promise_in_bounds")

    def row(self, ring, slot, cells):
        """The slot (N,) of a ring buffer."""
        return self._lax.dynamic_slice(ring, (slot * cells,), (cells,))

    def wrap(self, index, size):
        """Indices from 0 to 2 * size, those that are beyond it starting anew."""
        return self.jnp.where(index >= size, index - size, index)

    def matmul(self, a, b):
        """Product of a matrix and a vector, or of a vector and a matrix, at full precision."""
        return self.jnp.matmul(a, b, precision=self._highest)

    def sum(self, array, axis):
        """Sum along one axis."""
        return array.sum(axis)
