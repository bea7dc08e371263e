"""A traced step as ONNX operators, in the spellings that ONNX Runtime's CPU provider runs faster (docs/onnx.md).

- a / (1 + e^x) is a product with Sigmoid, one operator for three;
- what shifts and scales a tensor is (x + shift) * scale, so that the arguments of all rates look alike.
"""

from __future__ import annotations

from model.arrays import Array
from neurochip_bench.backends.tracer import Graph, Tensor


class OnnxGraph(Graph):
    """The operators of a step, each made once."""

    def add(self, a: Array, b: Array) -> Tensor:
        """a + b."""
        a, b = self.number_last(a, b)
        if not b.number or a.number is not None:
            return super().add(a, b)
        if a.op == "Mul" and a.inputs[1].number:
            x, scale = a.inputs[0], a.inputs[1].number
            return self.multiply(self.add(x, b.number / scale), scale)
        if a.op == "Add" and a.inputs[1].number is not None:
            return self.add(a.inputs[0], a.inputs[1].number + b.number)
        return super().add(a, b)

    def multiply(self, a: Array, b: Array) -> Tensor:
        """a * b."""
        a, b = self.number_last(a, b)
        scaled = b.number is not None and b.number != 1.0
        if scaled and a.op == "Sub" and a.inputs[0].number is not None:
            return self.multiply(self.add(a.inputs[1], -a.inputs[0].number), -b.number)
        return super().multiply(a, b)

    def divide(self, a: Array, b: Array) -> Tensor:
        """a / b."""
        a, b = self.tensor(a), self.tensor(b)
        if b.op == "Add" and b.inputs[1].number == 1.0 and b.inputs[0].op == "Exp":
            return self.multiply(a, self.apply("Sigmoid", self.multiply(b.inputs[0].inputs[0], -1.0)))
        return super().divide(a, b)
