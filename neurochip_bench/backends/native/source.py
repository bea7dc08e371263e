"""A native program as Python source: steps, threads that meet, and in them the loops over a block's cells."""

from __future__ import annotations

from neurochip_bench.backends.native import exponential
from neurochip_bench.backends.native.expressions import indented
from neurochip_bench.backends.native.loops import CHUNK, CLEAR, FETCH, KEEP, LANES, SUMS, cells_loop
from neurochip_bench.backends.native.trace import Cell

TILE = 16  # blocks of unconnected cells that stay in the cache over the steps of a run
SCRATCH = ("stimulus", "arrived", "own", "degree")  # rows behind those of the slots; then CHUNK entries of each end


def scratch_size(cell: Cell) -> int:
    """Numbers that a thread has at hand of the block that it is at."""
    return (len(cell.slots) + len(SCRATCH)) * LANES + 2 * CHUNK


def connected_body(cell: Cell, coupling: str) -> list[str]:
    """All steps of a run of cells that hear each other, with one meeting of the threads a step.

    What a step leaves to be done when all have told theirs is done with the next one's beginning, block by block.
    """
    clear = ["if s == ZERO:", *indented(CLEAR)]
    clear_early = len(cell.rows) - 1 in cell.early  # the code's row
    early = [*FETCH, *(clear if clear_early else []), *cells_loop(cell, cell.early, cell.signal)]
    late = [*FETCH, *([] if clear_early else clear), *SUMS[coupling](cell), *cells_loop(cell, cell.late, None)]
    keep = ["if keep and s == steps - ONE:", *indented(KEEP)]
    return [
        "around = ring * padded",
        "for t in range(total + ONE):",
        "    before = t - ONE if t > ZERO else t",
        "    told, heard = (start + t) % ring * padded, (start + before) % ring * padded",
        "    m_late, s_late, m_early, s_early = before // steps, before % steps, t // steps, t % steps",
        "    for b in range(b0, b1):",
        "        o, o16 = b * BLOCK, b * LANES",
        "        if t > ZERO:",
        "            m, s, number = m_late, s_late, f(s_late)",
        *indented([*late, *keep], 3),
        "        if t < total:",
        "            m, s, number = m_early, s_early, f(s_early)",
        *indented(early, 3),
        "    if threads > ONE:",
        "        arrive(meeting)",
        "        due, spins = (t + ONE) * threads, 0",
        "        while u(seen(meeting)) < due:",
        "            rest(spins)",
        "            spins += 1",
    ]


def alone_body(cell: Cell) -> list[str]:
    """All steps of a run of cells that hear nobody: some blocks at a time, which stay in the cache."""
    block = "o, o16 = b * BLOCK, b * LANES"
    return [
        "for tile in range(b0, b1, TILE):",
        "    end = min(tile + TILE, b1)",
        "    for m in range(total // steps):",
        "        for b in range(tile, end):",
        *indented([block, *CLEAR], 3),
        "        for s in range(steps):",
        "            number = f(s)",
        "            for b in range(tile, end):",
        *indented([block, *FETCH, *cells_loop(cell, cell.late, None)], 4),
        "        if keep:",
        "            for b in range(tile, end):",
        *indented([block, *KEEP], 4),
    ]


HEAD = '''"""{title}

Generated from the kernel's equations; what changes here changes nothing there.
X state in blocks [block][row][cell], L what a thread has at hand of one, C parameters per cell, A stimulus, V and K
potentials and spike codes at the ends of milliseconds, S signals by step and cell, T neighbours, W weights, D each
cell's number of neighbours or each connection's target, P where a block's begin.
"""

import numpy as np
from numba import carray, njit

from neurochip_bench.backends.native.intrinsics import arrive, on_stack, power_of_two, rest, seen

f, u = np.{precision}, np.uint64
SAFE = {{"contract", "nsz"}}  # neither assumes that there is no NaN, and nothing is reordered
ZERO, ONE, LANES, BLOCK, TILE = u(0), u(1), u({lanes}), u({block}), u({tile})
CHUNK, ROWS_OF_CHUNK, SCRATCH = u({chunk}), u({rows}), {scratch}
'''

ARGUMENTS = (
    "X, numbers, which, C, A, V, K, S, T, W, D, P, meeting, "
    "b0, b1, total, steps, padded, start, ring, threads, late, weighted, driven, keep"
)


def places(cell: Cell) -> list[str]:
    """Where each row of a block stands, and each of the scratch."""
    rows = [f"row_{name} = u({i * LANES})" for i, name in enumerate(cell.names)]
    slots = [f"at_p{i} = u({i * LANES})" for i in range(len(cell.slots))]
    behind = [f"at_{name} = u({(len(slots) + i) * LANES})" for i, name in enumerate(SCRATCH)]
    end = (len(slots) + len(SCRATCH)) * LANES
    return [*rows, *slots, *behind, f"at_gathered = u({end})", f"at_target = u({end + CHUNK})"]


def source(cell: Cell, coupling: str | None, precision: str, title: str) -> str:
    """The module's text; its function `run` is what a thread does in a call."""
    head = HEAD.format(
        title=title, precision={"f32": "float32", "f64": "float64"}[precision], lanes=LANES,
        block=len(cell.rows) * LANES, tile=TILE, chunk=CHUNK, rows=CHUNK // LANES, scratch=scratch_size(cell),
    )  # fmt: skip
    body = connected_body(cell, coupling) if coupling and cell.signal is not None else alone_body(cell)
    return "\n".join([
        head + "\n".join(places(cell)), "", "", exponential.source(precision), "",
        '@njit(nogil=True, fastmath=SAFE, error_model="numpy")',
        f"def run({ARGUMENTS}):",
        '    """The blocks from b0 to b1, over `total` steps."""',
        "    L = carray(on_stack(numbers, SCRATCH), SCRATCH)",
        "    for j in range(u(SCRATCH)):",
        "        L[j] = numbers[j]",
        *indented(body),
        "",
    ])  # fmt: skip
