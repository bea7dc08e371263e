"""The named operations of kernels and couplings, as ONNX operators.

Which operators is a matter of what is right everywhere and fast on ONNX Runtime's CPU provider:

- `where` is a product with a mask of 0 and 1, a tenth of the time of Where; kernels keep both branches finite.
- `gather` is GatherElements, a sixth of the time of Gather.
- A ring buffer is moved on instead of written to: slots are static then, and nothing computes indices.
- `scatter_add` is ScatterElements, never ScatterND: that one loses additions when it has more than one thread.
"""

from __future__ import annotations

import math

import numpy as np

from model.arrays import Array
from neurochip_bench.backends.tracer import Graph, Tensor


class OnnxOps:
    """The named operations on the tensors of a `Graph`."""

    summed_singly: float = 0  # an operator costs as much for one row of neighbours as for ten: they stay a table

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def exp(self, x: Array) -> Tensor:
        """Exponential, by element."""
        return self.graph.apply("Exp", x)

    def minimum(self, a: Array, b: Array) -> Tensor:
        """The smaller of two, by element."""
        return self.graph.apply("Min", a, b)

    def where(self, condition: Array, a: Array, b: Array) -> Tensor:
        """`a` where the condition holds, else `b`; both finite everywhere."""
        mask = self.graph.operator("Cast", (condition,), condition.shape)
        return self._masked(mask, a) + self._masked(1.0 - mask, b)

    def _masked(self, mask: Tensor, x: Array) -> Tensor:
        x = self.graph.tensor(x)
        return x if x.number == 0.0 else mask * x

    def gather(self, array: Array, indices: Array) -> Tensor:
        """The elements of a one-dimensional array at `indices`, in their shape."""
        count = math.prod(indices.shape)
        flat = self.graph.reshape(array, (math.prod(array.shape),)), self.graph.reshape(indices, (count,))
        return self.graph.reshape(self.graph.operator("GatherElements", flat, (count,)), indices.shape)

    def scatter_add(self, like: Array, indices: Array, values: Array) -> Tensor:
        """Sums (N,) of the values at each of `indices` (E,); `like` has the shape (N,) of the result."""
        zero = self.graph.constant(np.zeros(like.shape[1]))
        return self.graph.operator("ScatterElements", (zero, indices, values), like.shape)

    def push(self, ring: Array, slot: int, row: Array) -> Tensor:
        """A ring buffer (slots, N) with `row` as its first slot; the others move on by one, and the last is gone."""
        slots, cells = ring.shape
        kept = self.graph.operator("Slice", (ring,), (slots - 1, cells), value=(0, slots - 1))
        return self.graph.operator("Concat", (self.graph.tensor(row), kept), ring.shape)

    def add_at(self, ring: Array, indices: Array, values: Array) -> Tensor:
        """A ring buffer (slots, N) with the values (E,) added at `indices` (E,) of it as one row."""
        flat = self.graph.reshape(ring, (1, math.prod(ring.shape)))
        added = self.graph.operator("ScatterElements", (flat, indices, values), flat.shape)
        return self.graph.reshape(added, ring.shape)

    def row(self, ring: Array, slot: int, cells: int) -> Tensor:
        """The slot (1, N) of a ring buffer (slots, N)."""
        return self.graph.operator("Slice", (ring,), (1, cells), value=(slot, slot + 1))

    def wrap(self, index: Array, size: int) -> Array:
        """The indices: slots do not change their numbers here."""
        return index

    def matmul(self, a: Array, b: Array) -> Tensor:
        """Product of a matrix and a vector, or of a vector and a matrix, at full precision."""
        if a.shape[0] == 1:  # a vector is a row
            return self.graph.operator("MatMul", (a, b), (1, b.shape[1]))
        column = self.graph.reshape(b, (b.shape[1], 1))
        return self.graph.reshape(self.graph.operator("MatMul", (a, column), (a.shape[0], 1)), (1, a.shape[0]))

    def sum(self, array: Array, axis: int) -> Tensor:
        """Sum along one axis of a matrix."""
        kept = tuple(1 if i == axis else n for i, n in enumerate(array.shape))
        total = self.graph.operator("ReduceSum", (array,), kept, value=axis)
        return self.graph.reshape(total, (1, math.prod(kept)))
