"""The named operations of kernels and couplings, in TensorFlow."""

from __future__ import annotations

import numpy as np

from model.arrays import Array
from model.coupling.padded import SUMMED_SINGLY
from neurochip_bench.backends.libraries import Library


class TensorflowOps:
    """The named operations on TensorFlow's tensors of one floating-point type."""

    summed_singly: float = SUMMED_SINGLY

    def __init__(self, tf: Library, dtype: np.dtype) -> None:
        self.tf, self.dtype = tf, tf.as_dtype(dtype)

    def _tensor(self, x: Array) -> Array:
        return self.tf.convert_to_tensor(x, self.dtype)

    def exp(self, x: Array) -> Array:
        """Exponential, by element."""
        return self.tf.exp(self._tensor(x))

    def minimum(self, a: Array, b: Array) -> Array:
        """The smaller of two, by element."""
        return self.tf.minimum(a, self._tensor(b))

    def where(self, condition: Array, a: Array, b: Array) -> Array:
        """`a` where the condition holds, else `b`."""
        return self.tf.where(condition, self._tensor(a), self._tensor(b))

    def gather(self, array: Array, indices: Array) -> Array:
        """The elements of a one-dimensional array at `indices`, in their shape."""
        return self.tf.gather(array, indices)

    def scatter_add(self, like: Array, indices: Array, values: Array) -> Array:
        """Sums (N,) of the values at each of `indices` (E,); `like` has the shape (N,) of the result."""
        return self.tf.tensor_scatter_nd_add(self.tf.zeros_like(like), indices[:, None], values)

    def push(self, ring: Array, slot: Array, row: Array) -> Array:
        """A ring buffer (slots * N,) with `row` (N,) in place of one of its slots."""
        # XLA's own operation: what TensorFlow's public ones become copies the ring in each step.
        from tensorflow.compiler.tf2xla.python import xla

        return xla.dynamic_update_slice(ring, row, [slot * row.shape[0]])

    def add_at(self, ring: Array, indices: Array, values: Array) -> Array:
        """A ring buffer with the values (E,) added at `indices` (E,)."""
        return self.tf.tensor_scatter_nd_add(ring, indices[:, None], values)

    def row(self, ring: Array, slot: Array, cells: int) -> Array:
        """The slot (N,) of a ring buffer."""
        return self.tf.slice(ring, [slot * cells], [cells])

    def wrap(self, index: Array, size: int) -> Array:
        """Indices from 0 to 2 * size, those that are beyond it starting anew."""
        return self.tf.where(index >= size, index - size, index)

    def matmul(self, a: Array, b: Array) -> Array:
        """Product of a matrix and a vector, or of a vector and a matrix, at full precision."""
        return self.tf.linalg.matvec(a, b) if len(a.shape) == 2 else self.tf.linalg.matvec(b, a, transpose_a=True)

    def sum(self, array: Array, axis: int) -> Array:
        """Sum along one axis."""
        return self.tf.reduce_sum(array, axis)
