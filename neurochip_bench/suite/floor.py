"""What a step of a network computes and moves: what its least time on a machine follows from."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from model.coupling import lay_out, padded
from model.kernels import KERNELS
from model.network import Network, build
from neurochip_bench.backends.onnx.graph import OnnxGraph
from neurochip_bench.backends.onnx.ops import OnnxOps
from neurochip_bench.backends.tracer import ordered

SPECIAL = ("Exp", "Div", "Sigmoid")  # computed by units of their own, a sigmoid with two of their results


class Work(NamedTuple):
    """What a step takes of a cell, in float32.

    state, constants, indices   bytes: its state, the parameters that are its own, its neighbours' indices
    special, others             operations: exponentials and quotients, and all others
    """

    state: int
    constants: int
    indices: int
    special: float
    others: float

    @property
    def moved(self) -> int:
        """Bytes that are moved where no cache holds them: the state is read and written."""
        return 2 * self.state + self.constants + self.indices


def work(kernel: str, connected: bool, evenly: bool = False) -> Work:
    """The `Work` of a cell of a standard network, by the padded form.

    evenly   give each cell as many neighbours as cells have on average, so that no entry of the table is empty
    """
    network = build(kernel, 9, connected)
    network = evened(network) if evenly and connected else network
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
    others = sum(counts.values()) - sum(counts[op] for op in SPECIAL)
    return Work(4 * len(rows), 4 * per_cell, per_neighbour, special, others)


def evened(network: Network) -> Network:
    """A network of the same cells, each joined to its successors: to as many as the mean is, rounded down."""
    targets = np.arange(network.cells)
    shifts = range(1, 1 + network.connections // network.cells)
    sources = np.concatenate([(targets + shift) % network.cells for shift in shifts])
    return network.but(sources=sources, targets=np.tile(targets, len(shifts)), weights=network.weights.flat[0])
