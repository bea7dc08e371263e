"""Expressions of a traced step as straight-line Python."""

from __future__ import annotations

from math import isfinite
from typing import Iterable, List, Mapping, Sequence

from neurochip_bench.backends.tracer import Tensor, ordered

SIGNS = {
    "Add": "+", "Sub": "-", "Mul": "*", "Div": "/",
    "Less": "<", "LessOrEqual": "<=", "Greater": ">", "GreaterOrEqual": ">=",
}  # fmt: skip


def identifiers(names: Sequence[str], taken: Sequence[str]) -> list[str]:
    """Names as Python takes them, each another one and none that is taken."""
    plain = ["".join(c if c.isascii() and c.isalnum() else "_" for c in name) for name in names]
    free = [name[:1].isalpha() and [*plain, *taken].count(name) == 1 and name[:3] != "row" for name in plain]
    return [name if free[i] else f"row{i}_{name}" for i, name in enumerate(plain)]


def indented(lines: Iterable[str], by: int = 1) -> list[str]:
    """The lines, further in."""
    return ["    " * by + line for line in lines]


class Writer:
    """The lines that compute expressions, an operator on each; `names` are of what is known without."""

    def __init__(self, names: Mapping[Tensor, str]) -> None:
        self.names = dict(names)
        self.lines: List[str] = []

    def name(self, tensor: Tensor) -> str:
        """What an expression is called; a number is called itself."""
        return self.names[tensor] if tensor.number is None else literal(tensor.number)

    def write(self, tensors: Sequence[Tensor]) -> None:
        """Add the lines that compute these."""
        for tensor in ordered(tensors, frozenset(self.names)):
            if tensor.number is None:
                name, given = f"v{len(self.names)}", [self.name(operand) for operand in tensor.inputs]
                self.names[tensor] = name
                self.lines += computed(name, tensor.op, given)


def literal(number: float) -> str:
    """A number as the program has it; those that are not finite have no literal of their own."""
    return f"f({number!r})" if isfinite(number) else f"f({number!r})".replace("inf", "np.inf").replace("nan", "np.nan")


def computed(name: str, op: str, given: Sequence[str]) -> list[str]:
    """The lines that give a name to what an operator makes of its operands; NaN goes through all of them."""
    if op in SIGNS:
        return [f"{name} = {given[0]} {SIGNS[op]} {given[1]}"]
    if op == "Exp":
        return [f"{name} = exp({given[0]})"]
    if op == "Where":
        return [f"{name} = {given[1]} if {given[0]} else {given[2]}"]
    if op == "Min":
        first, second = given
        least = f"{name} = {second} if {second} < {first} else {first}"
        return [least] if second.startswith("f(") else [least, f"{name} = {second} if {second} != {second} else {name}"]
    raise ValueError(f"operator is {op!r}: expected one of {', '.join((*SIGNS, 'Exp', 'Where', 'Min'))}")
