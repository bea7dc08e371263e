"""The least time that a step can take, from what it moves and computes.

Of a chip by its data sheet: `python -m tests.suite.floor`. Of this machine by its measured speed, in every saved run.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from functools import lru_cache

import numpy as np

from model.accuracy.cases import connectivity
from model.coupling import lay_out, padded
from model.export.graph import Graph, ordered
from model.export.ops import OnnxOps
from model.kernels import KERNELS
from model.network import build

SPECIAL_OPERATIONS = 8
SPECIAL = ("Exp", "Div", "Sigmoid")  # computed by units of their own, a sigmoid with two of their results
HEAD = ("network", "bytes", "special functions", "others", "memory ns", "special ns", "RTF of 10⁶ cells, at least")


def work(kernel, connected):
    """Per cell and step: (bytes that have to be moved, special functions, other operations)."""
    network = build(kernel, 9, connected)
    graph, model = Graph(), KERNELS[kernel]
    ops, cells = OnnxOps(graph), network.cells
    arrays = lay_out("padded", network, np.dtype(np.float32)) if connected else []
    tensors = [graph.tensor(array) for array in arrays]
    rows = [graph.operator("Row", (), (1, cells), value=i) for i in range(len(network.state))]
    parameters = {n: graph.constant(v) if v.ndim else float(v) for n, v in network.parameters.items()}
    couple = (lambda signal: padded.current(ops, model.edge, tensors, signal)) if connected else (lambda signal: 0.0)
    after = model.step(ops, rows, parameters, couple, graph.input("stimulus", (cells,)), 0.025)
    counts: Counter = Counter()
    for tensor in ordered([graph.tensor(row) for row in after]):
        if tensor.inputs and tensor.op != "Reshape":
            counts[tensor.op] += int(np.prod(tensor.shape)) / cells
    special = sum(counts[op] for op in SPECIAL) + counts["Sigmoid"]
    per_cell = sum(1 for value in network.parameters.values() if value.ndim)
    per_neighbour = 4 * arrays[0].shape[0] if connected else 0  # an index; potentials of neighbours stay in the cache
    moved = 8 * len(rows) + 4 * per_cell + per_neighbour
    return moved, special, sum(counts.values()) - sum(counts[op] for op in SPECIAL)


def lines(bandwidth, special):
    """The Markdown table for a chip of so many bytes/s and special functions/s."""
    yield f"| {' | '.join(HEAD)} |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for kernel in KERNELS:
        for connected in (False, True):
            moved, functions, others = work(kernel, connected)
            memory, units = 1e9 * moved / bandwidth, 1e9 * functions / special
            rtf = max(memory, units) * 1e-9 * 1e6 * 40_000
            name = f"{kernel} {'connected' if connected else 'unconnected'}"
            yield f"| {name} | {moved} | {functions:.0f} | {others:.0f} | {memory:.2g} | {units:.2g} | {rtf:.2g} |"


@lru_cache(maxsize=None)
def of_this_machine():
    """{"<model> <connectivity>": ns per cell and step} that this machine's cores need at least, memory aside.

    Every operation is taken at the speed of a matrix product in float32, the best that a library gets out of the cores;
    an exponential or a quotient counts as eight, the fewest that a polynomial of float32's precision takes.
    """
    per_ns = operations_per_ns()
    floor = {}
    for kernel in KERNELS:
        for connected in (False, True):
            _, functions, others = work(kernel, connected)
            floor[f"{kernel} {connectivity(connected)}"] = (others + SPECIAL_OPERATIONS * functions) / per_ns
    return floor


def operations_per_ns():
    """Multiplications and additions per ns of a matrix product in float32, the best of some."""
    matrix = np.ones((1024, 1024), np.float32)
    seconds = []
    for _ in range(10):
        start = time.perf_counter()
        matrix @ matrix
        seconds.append(time.perf_counter() - start)
    return 2 * len(matrix) ** 3 / min(seconds) / 1e9


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.suite.floor", description=__doc__)
    parser.add_argument("--bandwidth", type=float, default=3.35e12, help="bytes/s of the memory (H100 SXM: 3.35e12)")
    parser.add_argument("--special", type=float, default=3.7e12, help="special functions/s (H100: 16 a clock and SM)")
    options = parser.parse_args()
    print("\n".join(lines(options.bandwidth, options.special)))
