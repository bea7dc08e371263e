"""The loops over the cells of a block, and over what they hear, as source.

Cells stand in blocks of 16, and a block holds a row of 16 numbers for each state, so that compilers make vectors of
them. Each inner loop reads and writes few arrays, with unsigned indices and no call: otherwise it is not vectorised.
"""

from __future__ import annotations

from typing import Mapping, Sequence

from neurochip_bench.backends.native.expressions import Writer, indented
from neurochip_bench.backends.native.trace import Cell, needs
from neurochip_bench.backends.tracer import Tensor, ordered

LANES = 16  # cells of a block: LLVM makes vectors of loops over 16 or 32, not of 8
CHUNK = 512  # entries of neighbours that are gathered before their edges are computed


def cells_loop(cell: Cell, written: Mapping[int, Tensor], signal: Tensor | None) -> list[str]:
    """The loop over the cells of a block that computes rows, and the signal where it is given."""
    outputs = [*written.values(), *([] if signal is None else [signal])]
    places = given(cell, outputs)
    writer = Writer({leaf: place.partition(" ")[0] for leaf, place in places.items()})
    writer.write(outputs)
    rows = [f"X[o + row_{name} + j]" for name in cell.names]
    stores = [f"{rows[row]} = {writer.name(tensor)}" for row, tensor in written.items()]
    if signal is not None:
        stores.append(f"S[told + o16 + j] = {writer.name(signal)}")
    loads = [place for place in places.values() if place != "number"]
    return ["for j in range(LANES):", *indented([*loads, *writer.lines, *stores])]


def given(cell: Cell, outputs: Sequence[Tensor]) -> dict[Tensor, str]:
    """What expressions start from, to the line that reads it."""
    slots = {slot: f"p{i} = L[at_p{i} + j]" for i, slot in enumerate(cell.slots)}
    places: dict[Tensor, str] = {}
    order = ordered(outputs, frozenset(slots))
    for tensor in order:
        if tensor.op == "Row":
            name = cell.names[tensor.value]
            places[tensor] = f"{name}_ = X[o + row_{name} + j]"
        elif tensor.op in ("Arrived", "Stimulus"):
            places[tensor] = f"{tensor.op.lower()} = L[at_{tensor.op.lower()} + j]"
        elif tensor.op == "Number":
            places[tensor] = "number"
    used = {operand for tensor in (*order,) for operand in tensor.inputs} | set(outputs)
    return {**places, **{slot: line for slot, line in slots.items() if slot in used}}


def edge_loop(cell: Cell, head: str, source: str, target: str, store: str) -> list[str]:
    """A loop over connections; `store` has {edge} for what one of them brings."""
    assert cell.edge is not None
    names = {leaf: leaf.op.lower() for leaf in ordered([cell.edge]) if leaf.op in ("Source", "Target")}
    given = {"source": source, "target": target}
    writer = Writer(names)
    writer.write([cell.edge])
    loads = [f"{name} = {given[name]}" for name in names.values()]
    return [head, *indented([*loads, *writer.lines, store.format(edge=writer.name(cell.edge))])]


FETCH = """\
for q in range(which.size):
    for j in range(LANES):
        L[which[q] * LANES + j] = C[(b * which.size + q) * LANES + j]
if driven:
    for j in range(LANES):
        L[at_stimulus + j] = A[m * padded + o16 + j]""".splitlines()

CLEAR = """\
for j in range(LANES):
    X[o + row_code + j] = f(0.0)""".splitlines()

KEEP = """\
for j in range(LANES):
    V[m * padded + o16 + j] = X[o + j]
for j in range(LANES):
    K[m * padded + o16 + j] = X[o + row_code + j]""".splitlines()

GATHER = """\
for j in range(LANES):
    L[at_arrived + j] = f(0.0)
for j in range(LANES):
    L[at_own + j] = S[heard + o16 + j]""".splitlines()

LOOK_UP = """\
if late:
    for q in range({count}):
        place = u(T[{first} + q]) + heard
        L[at_gathered + q] = S[place if place < around else place - around]
else:
    for q in range({count}):
        L[at_gathered + q] = S[heard + u(T[{first} + q])]"""


TARGETS = """\
for q in range(count):
    L[at_target + q] = L[at_own + u(D[e + q])]""".splitlines()


def padded_sum(cell: Cell) -> list[str]:
    """What arrives at a block's cells, from a table with a row for each of the neighbours that the busiest has.

    An edge that takes long is computed from neighbours that were gathered before, which leaves it to whole vectors; one
    that does not where it is gathered.
    """
    assert cell.edge is not None
    begin = [
        *GATHER,
        "for j in range(LANES):",
        "    L[at_degree + j] = D[o16 + j]",
        "width = (P[b + ONE] - P[b]) // LANES",
    ]
    return [*begin, *(gathered_rows(cell) if needs(cell.edge, "Exp") else single_rows(cell))]


def table_row(cell: Cell, source: str) -> list[str]:
    """A row of the table: at most one neighbour of each cell."""
    store = "L[at_arrived + j] += {edge} * W[w + j] if row < L[at_degree + j] else f(0.0)"
    return edge_loop(cell, "for j in range(LANES):", source, "L[at_own + j]", store)


def gathered_rows(cell: Cell) -> list[str]:
    """The rows of a table, some gathered at a time."""
    return [
        "for k0 in range(ZERO, width, ROWS_OF_CHUNK):",
        "    rows = min(ROWS_OF_CHUNK, width - k0)",
        "    first = P[b] + k0 * LANES",
        *indented(LOOK_UP.format(count="rows * LANES", first="first").splitlines()),
        "    for k in range(rows):",
        "        w = (first + k * LANES) * weighted",
        "        row = f(k0 + k)",
        *indented(table_row(cell, "L[at_gathered + k * LANES + j]"), 2),
    ]


def single_rows(cell: Cell) -> list[str]:
    """The rows of a table, one by one."""
    at = ["first = P[b] + k * LANES", "w = first * weighted", "row = f(k)"]
    place = "u(T[first + j]) + heard"
    wrapped = table_row(cell, f"S[{place} if {place} < around else {place} - around]")
    return [
        "if late:",
        "    for k in range(width):",
        *indented([*at, *wrapped], 2),
        "else:",
        "    for k in range(width):",
        *indented([*at, *table_row(cell, f"S[{place}]")], 2),
    ]


def scattered_sum(cell: Cell) -> list[str]:
    """What arrives at a block's cells, from a list of connections that is added up one by one."""
    assert cell.edge is not None
    store = "L[at_gathered + q] = {edge} * W[w + q]"
    inner = edge_loop(cell, "for q in range(count):", "L[at_gathered + q]", "L[at_target + q]", store)
    return [
        *GATHER,
        "for e in range(P[b], P[b + ONE], CHUNK):",
        "    count = min(CHUNK, P[b + ONE] - e)",
        *indented(LOOK_UP.format(count="count", first="e").splitlines()),
        *(indented(TARGETS) if needs(cell.edge, "Target") else []),
        "    w = e * weighted",
        *indented(inner),
        "    for q in range(count):",
        "        L[at_arrived + u(D[e + q])] += L[at_gathered + q]",
    ]


SUMS = {"padded": padded_sum, "gather-scatter": scattered_sum}
