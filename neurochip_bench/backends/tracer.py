"""A graph of operators, written down while a kernel computes with `Tensor`s instead of arrays.

What a kernel is exported from, and what native programs are generated from: equal expressions are made once, constants
are folded, a division by a constant is a multiplication, and what nothing needs is not in `ordered`.
An array of one dimension (n,) is a row (1, n), so that rows can be stacked without a change of shape.
"""

from __future__ import annotations

from typing import Any, Container, Hashable, Sequence, Tuple

import numpy as np

from model.arrays import Array

FOLD = {"Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide, "Min": np.minimum, "Exp": np.exp}
Shape = Tuple[int, ...]
COMPARE = ("Less", "LessOrEqual", "Greater", "GreaterOrEqual")


class Tensor:
    """What an operator makes of its inputs; a constant or an input of the graph has none.

    op      named as ONNX names it
    value   of a constant: a number or an array; of an input: its name; otherwise attributes of the operator
    kind    "f" floating point, "i" integer, "b" Boolean
    """

    def __init__(
        self,
        graph: Graph,
        op: str,
        inputs: tuple[Tensor, ...] = (),
        shape: Shape = (),
        kind: str = "f",
        value: Any = None,  # see above: what it is goes by the operator
    ) -> None:
        self.graph, self.op, self.inputs = graph, op, inputs
        self.shape, self.kind, self.value = shape, kind, value

    @property
    def number(self) -> float | None:
        """The value of a constant that is a number, else None."""
        return self.value if self.op == "Constant" and isinstance(self.value, float) else None

    def __add__(self, other: Array) -> Tensor:
        return self.graph.add(self, other)

    def __sub__(self, other: Array) -> Tensor:
        return self.graph.subtract(self, other)

    def __rsub__(self, other: Array) -> Tensor:
        return self.graph.subtract(other, self)

    def __mul__(self, other: Array) -> Tensor:
        return self.graph.multiply(self, other)

    def __truediv__(self, other: Array) -> Tensor:
        return self.graph.divide(self, other)

    def __rtruediv__(self, other: Array) -> Tensor:
        return self.graph.divide(other, self)

    def __neg__(self) -> Tensor:
        return self.graph.multiply(self, -1.0)

    def __lt__(self, other: Array) -> Tensor:
        return self.graph.apply("Less", self, other)

    def __le__(self, other: Array) -> Tensor:
        return self.graph.apply("LessOrEqual", self, other)

    def __gt__(self, other: Array) -> Tensor:
        return self.graph.apply("Greater", self, other)

    def __ge__(self, other: Array) -> Tensor:
        return self.graph.apply("GreaterOrEqual", self, other)

    __radd__ = __add__
    __rmul__ = __mul__

    def __getitem__(self, index: tuple[slice | None, ...]) -> Tensor:
        """A vector as a row, `[None, :]`, or as a column, `[:, None]`."""
        return self if index[0] is None else self.graph.reshape(self, (self.shape[1], 1))


def row_shape(shape: Shape) -> Shape:
    """Shape in the graph of an array of this shape."""
    return (1, *shape) if len(shape) == 1 else tuple(shape)


class Graph:
    """The operators of a step, each made once."""

    def __init__(self) -> None:
        self._made: dict[Hashable, Tensor] = {}

    def input(self, name: str, shape: Shape, kind: str = "f") -> Tensor:
        """An input of the graph."""
        return Tensor(self, "Input", (), row_shape(shape), kind, name)

    def constant(self, value: Array) -> Tensor:
        """A number or an array that is part of the graph."""
        if np.ndim(value) == 0:
            return self._once(("number", float(value)), Tensor(self, "Constant", value=float(value)))
        value = np.reshape(value, row_shape(np.shape(value)))
        return Tensor(self, "Constant", (), value.shape, value.dtype.kind, value)

    def tensor(self, x: Array) -> Tensor:
        """`x` itself if it is a tensor, else a constant."""
        return x if isinstance(x, Tensor) else self.constant(x)

    def _once(self, key: Hashable, tensor: Tensor) -> Tensor:
        return self._made.setdefault(key, tensor)

    def operator(
        self, op: str, inputs: tuple[Tensor, ...], shape: Shape, kind: str = "f", value: Hashable = None
    ) -> Tensor:
        """The result (of `shape`) of any operator."""
        return self._once((op, inputs, value), Tensor(self, op, inputs, shape, kind, value))

    def apply(self, op: str, *inputs: Array) -> Tensor:
        """The result of an operator that works by element."""
        inputs = tuple(self.tensor(x) for x in inputs)
        numbers = [x.number for x in inputs]
        if None not in numbers and op in FOLD:
            with np.errstate(all="ignore"):
                return self.constant(FOLD[op](*map(np.float64, numbers)))
        shape = np.broadcast_shapes(*(x.shape for x in inputs))
        return self.operator(op, inputs, shape, "b" if op in COMPARE else "f")

    def add(self, a: Array, b: Array) -> Tensor:
        """a + b."""
        a, b = self.number_last(a, b)
        return a if b.number == 0.0 and a.number is None else self.apply("Add", a, b)

    def subtract(self, a: Array, b: Array) -> Tensor:
        """a - b."""
        a, b = self.tensor(a), self.tensor(b)
        return self.apply("Sub", a, b) if b.number is None else self.add(a, -b.number)

    def multiply(self, a: Array, b: Array) -> Tensor:
        """a * b."""
        a, b = self.number_last(a, b)
        if b.number is None or a.number is not None:
            return self.apply("Mul", a, b)
        if b.number == 1.0:
            return a
        if a.op == "Mul" and a.inputs[1].number is not None:
            return self.multiply(a.inputs[0], a.inputs[1].number * b.number)
        return self.apply("Mul", a, b)

    def divide(self, a: Array, b: Array) -> Tensor:
        """a / b."""
        a, b = self.tensor(a), self.tensor(b)
        return self.multiply(a, 1.0 / b.number) if b.number else self.apply("Div", a, b)

    def number_last(self, a: Array, b: Array) -> tuple[Tensor, Tensor]:
        """The operands of a sum or a product, one that is a number as the second."""
        a, b = self.tensor(a), self.tensor(b)
        return (b, a) if a.number is not None else (a, b)

    def reshape(self, x: Tensor, shape: Shape) -> Tensor:
        """`x` in another shape."""
        if x.shape == shape:
            return x
        if x.op == "Constant":
            return Tensor(self, "Constant", (), shape, x.kind, x.value.reshape(shape))
        return self.operator("Reshape", (x,), shape, x.kind, shape)


def ordered(tensors: Sequence[Tensor], known: Container[Tensor] = ()) -> list[Tensor]:
    """Every tensor that these need, operands first; none that is known, nor what only those need."""
    order: dict[Tensor, None] = {}
    pending = [(tensor, False) for tensor in reversed(tensors)]
    while pending:
        tensor, ready = pending.pop()
        if ready:
            order[tensor] = None
        elif tensor not in order and tensor not in known:
            pending += [(tensor, True), *((operand, False) for operand in reversed(tensor.inputs))]
    return list(order)
