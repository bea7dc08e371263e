"""Which rows of a step one operator can compute together.

On small networks an operator costs half a microsecond whatever its size, so alike rows are stacked: all sigmoids at
once, the three singular rates at once, the last multiplication and addition of all states at once.
"""

from __future__ import annotations

from collections import defaultdict

from neurochip_bench.backends.onnx.graph import COMPARE, ordered

ELEMENTWISE = ("Add", "Sub", "Mul", "Div", "Min", "Exp", "Sigmoid", "Cast", *COMPARE)


def leaves(order):
    """States as they are, shifted, or shifted and scaled: tensor to (state row, shift, scale)."""
    found = {}
    for tensor in order:
        first, second = (*tensor.inputs, None, None)[:2]
        if tensor.op == "Row":
            found[tensor] = (tensor.value, 0.0, 1.0)
        elif tensor.op == "Sub" and first.number is not None and found.get(second, (0, 1, 1))[1:] == (0.0, 1.0):
            found[tensor] = (found[second][0], -first.number, -1.0)
        elif tensor.op in ("Add", "Mul") and second.number is not None and first in found:
            row, shift, scale = found[first]
            if tensor.op == "Mul" and scale == 1.0:
                found[tensor] = (row, shift, second.number)
            elif tensor.op == "Add" and (shift, scale) == (0.0, 1.0):
                found[tensor] = (row, second.number, 1.0)
    return found


def last(order, states):
    """The last operators of a step, alike for all states that are integrated: additions and multiplications by dt."""
    ends = [tensor for tensor in states if tensor.op == "Add" and tensor.inputs[0].op == "Row"]
    needs: dict = {}
    for tensor in order:
        needs[tensor] = set().union(*({operand} | needs[operand] for operand in tensor.inputs))
    additions = [tensor for tensor in ends if not needs[tensor] & set(ends)]
    products = [tensor.inputs[1] for tensor in additions]
    alike = len(set(products)) == len(products) and all(
        t.op == "Mul" and t.inputs[1].number is not None for t in products
    )
    return [layer for layer in (additions, products if alike else []) if len(layer) > 1]


def groups(order, cells, known, taken):
    """Rows with the same history, up to numbers and which state it starts from; none of them needs another."""
    history: dict = {}
    met: dict = {}  # a history to its number
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


def stacks(outputs, states, cells):
    """(groups of rows to be computed together, leaves) of the tensors that a step puts out."""
    order = ordered(outputs)
    known, ends = leaves(order), last(order, states)
    taken = {tensor for layer in ends for tensor in layer}
    return [*ends, *groups(order, cells, known, taken)], known
