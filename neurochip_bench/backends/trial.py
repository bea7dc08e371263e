"""The small networks that a backend's promises are tried on, each compiled once."""

from __future__ import annotations

from typing import Any, Dict, Sequence, Tuple

import numpy as np

from model.arrays import Floats, Reals
from model.kernels import KERNELS, Kernel
from model.network import Network
from neurochip_bench.backends.backend import Backend
from neurochip_bench.backends.program import Program
from neurochip_bench.backends.registry import BACKENDS, ORACLE

CELLS = 12
# Of a potential's range of 80. Float32 is off by 4e-5 after a ms, a lost connection of `some_graph` by 1e-2 or more.
TOLERANCE = {"f32": 1e-3, "f64": 1e-10}
ENOUGH = {"io": 10.0, "hh": 20.0, "lif": 0.1}  # stimulus for all cells to spike
AWAKE = {"io": (-68.0, -52.0), "hh": (-35.0, -11.0)}  # potentials apart, of hh all below a spike and driven over it
DRIVEN: Dict[str, Dict[str, Floats]] = {
    "io": {"g_CaL": np.linspace(0.5, 1.4, CELLS)},
    "hh": {"I_in": np.linspace(40, 60, CELLS)},
}
Graph = Tuple[Sequence[int], Sequence[int], Sequence[float]]  # sources, targets, weights


def example(
    kernel: str,
    seed: int = 0,
    incoming: int = 2,
    cells: int = CELLS,
    **parameters: Any,  # numbers or arrays
) -> Network:
    """Cells with as many connections onto each, so that no seed changes the shape."""
    rng = np.random.default_rng(seed)
    I_syn = np.zeros((int(KERNELS[kernel].synaptic and incoming > 0), cells))
    state = np.concatenate([KERNELS[kernel].initial(cells, rng), I_syn])
    sources = np.ravel([rng.permutation(cells) for _ in range(incoming)]).astype(int)
    return Network(kernel, state, sources, np.tile(np.arange(cells), incoming), 0.05, parameters)


def stimulus(kernel: str, milliseconds: int) -> Floats:
    """Another value for each cell and millisecond, and of this project's kernels enough for all of them to spike."""
    enough = ENOUGH.get(kernel, KERNELS[kernel].scale / 8)
    return enough * np.random.default_rng(5).random((milliseconds, CELLS))


def some_graph(seed: int) -> Graph:
    """20 connections, 4 of them onto cell 0 and no more onto any other: every formulation keeps its shape."""
    rng = np.random.default_rng(seed)
    slots = rng.permutation(np.arange(4, 4 * CELLS))[:16]
    sources = [
        int(rng.integers(6, CELLS)),
        *rng.integers(0, CELLS, 19),
    ]  # the first one, far in potential, will be lost
    return sources, [0] * 4 + [slot // 4 for slot in slots], list(rng.uniform(0.05, 0.2, 20))


def awake(kernel: str, graph: Graph) -> Network:
    """Cells apart in potential, so that every gap current counts and, with synapses, every cell spikes."""
    model, state = KERNELS[kernel], example(kernel).state
    low, high = model.ranges[model.states[0]]
    apart = AWAKE.get(kernel, (low + 0.75 * (high - low), low + 0.95 * (high - low)))
    state[[0, 6, 9] if kernel == "io" else 0] = np.linspace(*apart, CELLS)
    return Network(kernel, state, *graph, DRIVEN.get(kernel, {})).rounded()


def difference(kernel: Kernel, state: Reals, other: Reals) -> float:
    """Largest difference of two states, a gate's range and a potential's scale being 80."""
    scale = [kernel.scale_of(name) for name in kernel.state_names(connected=True)[: len(state)]]
    return float(np.max(np.abs(state - other) * np.array(scale)[:, None])) * 80.0 / kernel.scale


class Trial:
    """A backend with a kernel, and the programs that its promises are tried on."""

    def __init__(self, backend: Backend, kernel: str) -> None:
        self.backend, self.kernel, self.model = backend, kernel, KERNELS[kernel]
        self.dtype = np.float64 if backend.precision == "f64" else np.float32
        self._programs: Dict[str | None, Program] = {}

    def compiled(self, coupling: str | None = None) -> Program:
        """For `example`, or, with a formulation, for any graph like `some_graph`."""
        if coupling not in self._programs:
            network = example(self.kernel) if coupling is None else awake(self.kernel, some_graph(0))
            self._programs[coupling] = self.backend.prepare(network, coupling)
        return self._programs[coupling]

    def ready(self) -> Program:
        """At the start of `example`."""
        program = self.compiled()
        program.reset(example(self.kernel))
        return program

    def millisecond(self, coupling: str, graph: Graph) -> Any:  # a Run
        """The first of a graph."""
        program = self.compiled(coupling)
        program.reset(awake(self.kernel, graph))
        return program.run(1)

    def oracle(self) -> Trial:
        """The same kernel on the backend that all are judged by."""
        return Trial(BACKENDS[ORACLE], self.kernel)
