"""A step's graph written as a list of operators, some of its rows stacked.

A `Stack` is put in an order in which those who use some of its rows find them side by side: one Split serves them all.
Where that cannot be, a Gather copies the rows. Shifted and scaled states are computed all at once, in the order of use.
"""

from __future__ import annotations

from itertools import groupby
from types import MappingProxyType
from typing import Any, Dict, Hashable, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from model.arrays import Array
from neurochip_bench.backends.onnx.stacks import Leaf
from neurochip_bench.backends.tracer import Tensor, ordered

Rows = Tuple[Tensor, ...]  # rows side by side


class Operator(NamedTuple):
    """An operator that becomes a node of the graph, with all that it takes and gives."""

    op: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    attributes: Dict[str, Any]  # integers, strings and types


class Stack:
    """Rows that one operator computes; `uses` are the runs of them that others take as one operand."""

    def __init__(self, members: Iterable[Tensor]) -> None:
        self.members = list(members)
        self.uses: dict[Rows, None] = {}  # a dict keeps their order
        self.operands: list[Operand] = []

    def arrange(self) -> None:
        """Put the members in the order that leaves most uses side by side."""
        order: list[Tensor] = []
        for use in sorted(self.uses, key=len, reverse=True):
            if len(set(use)) == len(use) and not set(use) & set(order):
                order += use
        self.members = order + [tensor for tensor in self.members if tensor not in order]


Operand = List[Tuple[Optional[Stack], Rows]]  # runs of rows, each of a stack or of constants


class Writer:
    """The operators of a step.

    operators   in the order of computation, with the names of what they use and make
    arrays      name to array, what is part of the file
    outputs     output name to the name of the tensor that it is
    """

    def __init__(
        self,
        states: Sequence[Tensor],
        outputs: Mapping[str, Sequence[Tensor]],
        dtype: np.dtype,
        groups: Sequence[Sequence[Tensor]] = (),
        leaves: Mapping[Tensor, Leaf] = MappingProxyType({}),
    ) -> None:
        self.dtype = np.dtype(dtype)
        self.operators: list[Operator] = []
        self.arrays: dict[str, Array] = {}
        self._names: dict[Hashable, str] = {}  # a run of rows, or an array, to its name
        self._leaves, self._leaf, self._state = leaves, Stack([]), Stack(states)
        self._stacks = {tensor: stack for stack in map(Stack, groups) for tensor in stack.members}
        self._stacks.update(dict.fromkeys(states, self._state))
        order = self._ordered([tensor for tensors in outputs.values() for tensor in tensors])
        wanted = {name: self._use(tensors) for name, tensors in outputs.items()}
        for stack in reversed(order):
            if stack is not self._state:
                stack.arrange()
            for slot in range(len(stack.members[0].inputs)):
                stack.operands.append(self._use([tensor.inputs[slot] for tensor in stack.members]))
        self._write_leaves()
        for stack in order:
            self._serve(stack, self._compute(stack))
        self.outputs = {name: self._operand(use) for name, use in wanted.items()}

    def _ordered(self, outputs: Sequence[Tensor]) -> list[Stack]:
        """Stacks that the outputs need, operands first."""
        order: list[Stack] = []
        done = {self._leaf}

        def visit(stack: Stack | None) -> None:
            if stack is not None and stack not in done:
                done.add(stack)
                for operand in (operand for tensor in stack.members for operand in tensor.inputs):
                    visit(self._home(operand))
                order.append(stack)

        visit(self._state)
        for tensor in ordered(outputs):
            visit(self._home(tensor))
        return order

    def _home(self, tensor: Tensor) -> Stack | None:
        """The stack that a tensor is in; None for a constant."""
        if tensor.op == "Constant":
            return None
        if tensor in self._leaves:
            return self._leaf
        return self._stacks.setdefault(tensor, Stack([tensor]))

    def _use(self, tensors: Sequence[Tensor]) -> Operand:
        """Runs of rows to be put together as one operand, asked of the stacks that they are in."""
        if len(set(tensors)) == 1:
            tensors = tensors[:1]  # broadcast
        runs: Operand = [(self._state, tuple(tensors))]
        if tuple(tensors) != tuple(self._state.members):
            runs = [(stack, tuple(run)) for stack, run in groupby(tensors, self._home)]
        for stack, run in runs:
            if stack is not None:
                stack.uses[run] = None
        return runs

    def _operand(self, runs: Operand) -> str:
        names = [self._names[run] if stack is not None else self._constant(run) for stack, run in runs]
        if len(names) == 1:
            return names[0]
        run = tuple(tensor for _, part in runs for tensor in part)
        if run not in self._names:
            self._names[run] = self._add("Concat", names, axis=0)
        return self._names[run]

    def _constant(self, tensors: Rows) -> str:
        if tensors[0].number is None:
            (tensor,) = tensors
            return self._array(tensor.value.astype(self.dtype) if tensor.kind == "f" else tensor.value)
        values = [tensor.number for tensor in tensors]
        return self._array(np.array(values[0] if len(values) == 1 else [[value] for value in values], self.dtype))

    def _array(self, value: Array) -> str:
        key = (value.dtype.str, value.shape, value.tobytes())
        if key not in self._names:
            self._names[key] = f"constant_{len(self.arrays)}"
            self.arrays[self._names[key]] = value
        return self._names[key]

    def _integers(self, values: Sequence[int]) -> str:
        return self._array(np.array(values, np.int64))

    def _add(self, op: str, inputs: Sequence[str], outputs: Sequence[str] | None = None, **attributes: Any) -> str:
        outputs = outputs or [f"{op.lower()}_{len(self.operators)}"]
        self.operators.append(Operator(op, inputs, outputs, attributes))
        return outputs[0]

    def _write_leaves(self) -> None:
        uses = list(self._leaf.uses)
        if not uses:
            return
        leaves = [self._leaves[tensor] for use in uses for tensor in use]
        name = self._add("Gather", ["state", self._integers([leaf.row for leaf in leaves])], axis=0)
        name = self._add("Add", [name, self._array(np.array([[leaf.shift] for leaf in leaves], self.dtype))])
        name = self._add("Mul", [name, self._array(np.array([[leaf.scale] for leaf in leaves], self.dtype))])
        self._split(name, uses)

    def _compute(self, stack: Stack) -> str:
        """Name of a stack's rows after writing its operator."""
        first = stack.members[0]
        if first.op in ("Row", "Input"):
            return "state" if first.op == "Row" else first.value
        names = [self._operand(runs) for runs in stack.operands]
        if first.op == "Cast":
            return self._add("Cast", names, to=self.dtype)
        if first.op == "Reshape":
            return self._add("Reshape", [*names, self._integers(first.value)])
        if first.op == "ReduceSum":
            return self._add("ReduceSum", [*names, self._integers([first.value])], keepdims=1)
        if first.op == "Slice":
            start, end = first.value
            return self._add("Slice", [*names, *map(self._integers, ([start], [end], [0]))])
        if first.op == "Concat":
            return self._add("Concat", names, axis=0)
        if first.op == "ScatterElements":
            return self._add("ScatterElements", names, axis=1, reduction="add")
        return self._add(first.op, names)

    def _serve(self, stack: Stack, name: str) -> None:
        """Name the runs of a computed stack that others use: the whole, what one Split gives, and copies."""
        order, free = tuple(stack.members), set(stack.members)
        parts, copies = {}, []
        for use in stack.uses:
            start = order.index(use[0])
            if use == order:
                self._names[use] = name
            elif order[start : start + len(use)] == use and set(use) <= free:
                parts[start] = use
                free -= set(use)
            else:
                copies.append(use)
        if parts:
            bounds = sorted({0, len(order), *parts, *(start + len(use) for start, use in parts.items())})
            self._split(name, [order[start:end] for start, end in zip(bounds, bounds[1:])])
        if copies:
            rows = [order.index(tensor) for use in copies for tensor in use]
            self._split(self._add("Gather", [name, self._integers(rows)], axis=0), copies)

    def _split(self, name: str, runs: Sequence[Rows]) -> None:
        if len(runs) == 1:
            self._names[runs[0]] = name
            return
        names = [f"split_{len(self.operators)}_{i}" for i in range(len(runs))]
        self._add("Split", [name, self._integers([len(run) for run in runs])], names, axis=0)
        self._names.update(zip(runs, names))
