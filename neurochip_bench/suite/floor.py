"""The least time that a step can take on this machine, from what it computes and the machine's measured speed."""

from __future__ import annotations

import time
from collections import Counter
from functools import lru_cache

import numpy as np

from model.coupling import lay_out, padded
from model.kernels import KERNELS
from model.network import build, connectivity
from neurochip_bench.backends.onnx.graph import OnnxGraph
from neurochip_bench.backends.onnx.ops import OnnxOps
from neurochip_bench.backends.tracer import ordered

SPECIAL_OPERATIONS = 8
SPECIAL = ("Exp", "Div", "Sigmoid")  # computed by units of their own, a sigmoid with two of their results


def work(kernel: str, connected: bool) -> tuple[int, float, float]:
    """Per cell and step: (bytes that have to be moved, special functions, other operations)."""
    network = build(kernel, 9, connected)
    graph, model = OnnxGraph(), KERNELS[kernel]
    ops, cells = OnnxOps(graph), network.cells
    arrays = lay_out("padded", network, np.dtype(np.float32)) if connected else []
    tensors = [graph.tensor(array) for array in arrays]
    rows = [graph.operator("Row", (), (1, cells), value=i) for i in range(len(network.state))]
    parameters = {n: graph.constant(v) if v.ndim else float(v) for n, v in network.parameters.items()}
    couple = (lambda signal: padded.current(ops, model.edge, tensors, signal)) if connected else (lambda signal: 0.0)
    after = model.step(ops, rows, parameters, couple, graph.input("stimulus", (cells,)), 0.025)
    counts: Counter[str] = Counter()
    for tensor in ordered([graph.tensor(row) for row in after]):
        if tensor.inputs and tensor.op != "Reshape":
            counts[tensor.op] += int(np.prod(tensor.shape)) / cells
    special = sum(counts[op] for op in SPECIAL) + counts["Sigmoid"]
    per_cell = sum(1 for value in network.parameters.values() if value.ndim)
    per_neighbour = 4 * arrays[0].shape[0] if connected else 0  # an index; potentials of neighbours stay in the cache
    moved = 8 * len(rows) + 4 * per_cell + per_neighbour
    return moved, special, sum(counts.values()) - sum(counts[op] for op in SPECIAL)


@lru_cache(maxsize=None)
def of_this_machine() -> dict[str, float]:
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


def operations_per_ns() -> float:
    """Multiplications and additions per ns of a matrix product in float32, the best of some."""
    matrix = np.ones((1024, 1024), np.float32)
    seconds = []
    for _ in range(10):
        start = time.perf_counter()
        matrix @ matrix
        seconds.append(time.perf_counter() - start)
    return 2 * len(matrix) ** 3 / min(seconds) / 1e9
