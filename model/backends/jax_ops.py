"""The named operations of kernels and couplings, in JAX."""

from __future__ import annotations

from model.coupling.padded import UNROLLED


class JaxOps:
    """The named operations on JAX's arrays of one floating-point type."""

    unrolled = UNROLLED

    def __init__(self, jax, dtype):
        self.jnp, self.dtype = jax.numpy, dtype
        self._highest = jax.lax.Precision.HIGHEST

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

    def matmul(self, a, b):
        """Product of a matrix and a vector, or of a vector and a matrix, at full precision."""
        return self.jnp.matmul(a, b, precision=self._highest)

    def sum(self, array, axis):
        """Sum along one axis."""
        return array.sum(axis)
