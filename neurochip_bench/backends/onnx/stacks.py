"""Which rows of a step one operator can compute together.

On small networks an operator costs half a microsecond whatever its size, so alike rows are stacked: all sigmoids at
once, the three singular rates at once, the last multiplication and addition of all states at once.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Container, Hashable, Mapping, NamedTuple, Sequence

from neurochip_bench.backends.tracer import COMPARE, Tensor, ordered


class Leaf(NamedTuple):
    """A row of the state, shifted and then scaled."""

    row: int
    shift: float
    scale: float

    @property
    def plain(self) -> bool:
        """Whether it is as it is."""
        return (self.shift, self.scale) == (0.0, 1.0)


ELEMENTWISE = ("Add", "Sub", "Mul", "Div", "Min", "Exp", "Sigmoid", "Cast", *COMPARE)


def leaves(order: Sequence[Tensor]) -> dict[Tensor, Leaf]:
    """States as they are, shifted, or shifted and scaled: tensor to leaf."""
    found: dict[Tensor, Leaf] = {}
    for tensor in order:
        if tensor.op == "Row":
            found[tensor] = Leaf(tensor.value, 0.0, 1.0)
        elif tensor.op in ("Add", "Sub", "Mul"):
            leaf = _shifted_or_scaled(tensor, found)
            found.update({} if leaf is None else {tensor: leaf})
    return found


def _shifted_or_scaled(tensor: Tensor, found: Mapping[Tensor, Leaf]) -> Leaf | None:
    """The leaf that a sum, difference or product of a leaf and a number is, if it is one."""
    first, second = tensor.inputs
    if tensor.op == "Sub":
        leaf = found.get(second)
        return Leaf(leaf.row, -first.number, -1.0) if leaf and leaf.plain and first.number is not None else None
    leaf = found.get(first)
    if leaf is None or second.number is None:
        return None
    if tensor.op == "Mul":
        return Leaf(leaf.row, leaf.shift, second.number) if leaf.scale == 1.0 else None
    return Leaf(leaf.row, second.number, 1.0) if leaf.plain else None


def last(order: Sequence[Tensor], states: Sequence[Tensor]) -> list[list[Tensor]]:
    """The last operators of a step, alike for all states that are integrated: additions and multiplications by dt."""
    ends = [tensor for tensor in states if tensor.op == "Add" and tensor.inputs[0].op == "Row"]
    needs: dict[Tensor, set[Tensor]] = {}
    for tensor in order:
        needs[tensor] = set().union(*({operand} | needs[operand] for operand in tensor.inputs))
    additions = [tensor for tensor in ends if not needs[tensor] & set(ends)]
    products = [tensor.inputs[1] for tensor in additions]
    alike = len(set(products)) == len(products) and all(
        t.op == "Mul" and t.inputs[1].number is not None for t in products
    )
    return [layer for layer in (additions, products if alike else []) if len(layer) > 1]


def groups(
    order: Sequence[Tensor], cells: int, known: Mapping[Tensor, Leaf], taken: Container[Tensor]
) -> list[list[Tensor]]:
    """Rows with the same history, up to numbers and which state it starts from; none of them needs another."""
    history: dict[Tensor, Hashable] = {}
    met: dict[Hashable, int] = {}  # a history to its number
    found = defaultdict(list)
    for tensor in order:
        if tensor.number is not None:
            history[tensor] = "number"
        elif tensor in known:
            history[tensor] = "state"
        elif tensor.op in ELEMENTWISE and tensor.shape == (1, cells):
            operands = (tensor.op, *(history[operand] for operand in tensor.inputs))
            history[tensor] = met.setdefault(operands, len(met))
            if tensor not in taken:
                found[history[tensor]].append(tensor)
        else:
            history[tensor] = tensor
    return [group for group in found.values() if len(group) > 1]


def stacks(
    outputs: Sequence[Tensor], states: Sequence[Tensor], cells: int
) -> tuple[list[list[Tensor]], dict[Tensor, Leaf]]:
    """(groups of rows to be computed together, leaves) of the tensors that a step puts out."""
    order = ordered(outputs)
    known, ends = leaves(order), last(order, states)
    taken = {tensor for layer in ends for tensor in layer}
    return [*ends, *groups(order, cells, known, taken)], known
