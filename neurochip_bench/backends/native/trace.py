"""What one cell does in one step, traced from the kernel: the expressions that a native program is generated from.

A step has a hole where the neighbours are heard. What is computed before it, in the phase `early`, is at least the
signal that the neighbours are told; what is computed after it, in the phase `late`, is the rest. Where cells are not
connected, all is late.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Hashable, Mapping, NoReturn, Sequence, Tuple

import numpy as np

from model.arrays import Array, Floats
from model.kernels import Kernel
from model.kernels.accumulation import advance, start_rows
from neurochip_bench.backends.native.expressions import identifiers
from neurochip_bench.backends.tracer import FOLD, Graph, Tensor, ordered
from neurochip_bench.run import count_spikes

COUNTED = ("armed", "code")  # rows below the state: see `Kernel.spikes` and `count_spikes`
EXPONENTIAL, HEARING = 14, 6  # operations of an exponential, and of looking up a neighbour and adding what it brings
EVALUATE: Mapping[str, Callable[..., Array]] = {
    **FOLD,
    "Where": np.where,
    "Less": np.less,
    "LessOrEqual": np.less_equal,
    "Greater": np.greater,
    "GreaterOrEqual": np.greater_equal,
}


class ScalarGraph(Graph):
    """The operators on one cell. Factors that no cell changes are gathered, and a / (c e^x) is a / c * e^-x."""

    def __init__(self) -> None:
        super().__init__()
        self._constant: dict[Tensor, bool] = {}

    def leaf(self, op: str, value: Hashable = None) -> Tensor:
        """Something that is given: a row, a parameter, what arrived."""
        return self.operator(op, (), (), value=value)

    def invariant(self, tensor: Tensor) -> bool:
        """Whether a tensor is computed from parameters and constants alone."""
        if tensor not in self._constant:
            inner = all(map(self.invariant, tensor.inputs)) and bool(tensor.inputs)
            self._constant[tensor] = inner or tensor.op in ("Parameter", "Constant")
        return self._constant[tensor]

    def multiply(self, a: Array, b: Array) -> Tensor:
        """a * b."""
        a, b = self.number_last(a, b)
        if self.invariant(a) and not self.invariant(b):
            a, b = b, a
        if self.invariant(b) and a.op == "Mul" and self.invariant(a.inputs[1]) and not self.invariant(a):
            return super().multiply(a.inputs[0], self.multiply(a.inputs[1], b))
        return super().multiply(a, b)

    def divide(self, a: Array, b: Array) -> Tensor:
        """a / b."""
        a, b = self.tensor(a), self.tensor(b)
        if self.invariant(b) and b.number is None:
            return self.multiply(a, self.apply("Div", 1.0, b))
        scaled = b.op == "Mul" and b.inputs[0].op == "Exp" and self.invariant(b.inputs[1])
        power = b.inputs[0] if scaled else b
        if power.op != "Exp" or self.invariant(power):
            return super().divide(a, b)
        inverse = self.apply("Exp", self.multiply(power.inputs[0], -1.0))
        return self.multiply(self.divide(a, b.inputs[1]) if scaled else a, inverse)


class ScalarOps:
    """The named operations on one cell; those on whole arrays have no place in a step's equations."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def exp(self, x: Array) -> Tensor:
        """Exponential."""
        return self.graph.apply("Exp", x)

    def minimum(self, a: Array, b: Array) -> Tensor:
        """The smaller of two."""
        return self.graph.apply("Min", a, b)

    def where(self, condition: Array, a: Array, b: Array) -> Tensor:
        """`a` where the condition holds, else `b`."""
        a, b = self.graph.tensor(a), self.graph.tensor(b)
        return a if a is b else self.graph.apply("Where", condition, a, b)

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a kernel's step names the operation {name!r}: expected exp, minimum or where")


@dataclass
class Cell:
    """One cell's step.

    rows     names of what is carried from step to step: the state, what additions to it have lost, and `COUNTED`
    early    row to its expression before the neighbours are heard, and `signal` what they are told
    late     row to its expression after that
    edge     what a connection of weight 1 brings, of "Source" and "Target"
    slots    what is computed from parameters alone: once, before a run
    """

    rows: Tuple[str, ...]
    early: Mapping[int, Tensor]
    signal: Tensor | None
    late: Mapping[int, Tensor]
    edge: Tensor | None
    slots: Sequence[Tensor] = field(default_factory=tuple)

    @property
    def names(self) -> Sequence[str]:
        """What rows are called in a program, `COUNTED` as they are here."""
        return (*identifiers(self.rows[: -len(COUNTED)], COUNTED), *COUNTED)

    def operations(self, cells: int, connections: int) -> int:
        """About how many a step of so many cells takes: what decides how many threads are worth it."""
        of_cell = operations([*self.early.values(), *self.late.values()], self.slots)
        of_edge = HEARING + operations([self.edge], ()) if self.edge is not None else 0
        return cells * of_cell + connections * of_edge


def operations(tensors: Sequence[Tensor], known: Sequence[Tensor]) -> int:
    """How many operators these take, an exponential being several."""
    found = [tensor for tensor in ordered(tensors, frozenset(known)) if tensor.inputs]
    return len(found) + (EXPONENTIAL - 1) * sum(tensor.op == "Exp" for tensor in found)


def trace(kernel: Kernel, connected: bool, rates: str, accumulation: str) -> Cell:
    """The step of a cell, with a hole where it hears its neighbours if it is connected."""
    graph, heard = ScalarGraph(), []
    states = kernel.state_names(connected)
    ops, count = ScalarOps(graph), len(start_rows(kernel, np.zeros((len(states), 0)), accumulation))
    leaves = [graph.leaf("Row", i) for i in range(count + len(COUNTED))]
    parameters = {name: graph.leaf("Parameter", name) for name in kernel.parameters}

    def couple(signal: Array) -> Array:
        if not connected:
            return 0.0
        heard.append(graph.tensor(signal))
        return graph.leaf("Arrived")

    settings = (graph.leaf("Parameter", "dt"), rates, accumulation)
    after = advance(kernel, ops, leaves[:count], parameters, couple, graph.leaf("Stimulus"), *settings)  # type: ignore[arg-type] # see `ScalarOps`
    armed, code = leaves[count:]
    spiked, armed = kernel.spikes(ops, parameters, leaves[0], after[0], armed)
    code = count_spikes(ops, code, spiked, graph.leaf("Number"), graph.leaf("Parameter", "steps"))  # type: ignore[arg-type]
    if len(set(heard)) > 1:
        raise ValueError(f"{kernel.name} listens to {len(set(heard))} signals of its neighbours: expected one")
    written = {i: graph.tensor(row) for i, row in enumerate((*after, armed, code)) if row is not leaves[i]}
    lost = [f"lost of {name}" for name in kernel.states][: count - len(states)]
    early, late = phases(written, heard[0] if heard else None)
    edge = graph.tensor(kernel.edge(ops, graph.leaf("Source"), graph.leaf("Target"))) if heard else None
    needed = [*early.values(), *late.values(), *heard[:1]]
    return Cell((*states, *lost, *COUNTED), early, heard[0] if heard else None, late, edge, slots(graph, needed))


def phases(written: Mapping[int, Tensor], signal: Tensor | None) -> Tuple[Mapping[int, Tensor], Mapping[int, Tensor]]:
    """(early, late): as much as can be is early with a signal that has to be computed, nothing with a mere state.

    What is early is overwritten when the rest is computed, which therefore must not need it.
    """
    if signal is None or signal.op == "Row":
        return {}, written
    late = {row: tensor for row, tensor in written.items() if needs(tensor, "Arrived")}
    read = {leaf.value for leaf in ordered(list(late.values())) if leaf.op == "Row"}
    early = {row: tensor for row, tensor in written.items() if row not in late}
    return ({}, written) if read & set(early) else (early, late)


def needs(tensor: Tensor, op: str) -> bool:
    """Whether an expression has an operand of this kind."""
    return any(operand.op == op for operand in ordered([tensor]))


def slots(graph: ScalarGraph, tensors: Sequence[Tensor]) -> list[Tensor]:
    """The largest expressions of parameters alone that these need, numbers left out."""
    found: dict[Tensor, None] = {}
    for tensor in ordered(tensors):
        users = tensor.inputs if not graph.invariant(tensor) else ()
        found.update({operand: None for operand in users if graph.invariant(operand) and operand.number is None})
    found.update({tensor: None for tensor in tensors if graph.invariant(tensor) and tensor.number is None})
    return list(found)


def evaluate(tensors: Sequence[Tensor], parameters: Mapping[str, Floats]) -> list[Floats]:
    """The values of expressions of parameters, each a number or one per cell."""
    known: dict[Tensor, Array] = {}
    with np.errstate(all="ignore"):
        for tensor in ordered(tensors):
            if tensor.op == "Parameter":
                known[tensor] = np.float64(parameters[tensor.value])
            elif tensor.op == "Constant":
                known[tensor] = np.float64(tensor.value)
            else:
                known[tensor] = EVALUATE[tensor.op](*(known[operand] for operand in tensor.inputs))
    return [np.asarray(known[tensor], np.float64) for tensor in tensors]
