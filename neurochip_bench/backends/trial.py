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
DRIVEN: Dict[str, Dict[str, Floats]] = {  # given per cell in all networks here, so that they share programs
    "io": {"g_CaL": np.linspace(0.5, 1.4, CELLS), "I_app": np.zeros(CELLS)},
    "hh": {"I_in": np.linspace(40, 60, CELLS)},
}
INCOMING = 4
Graph = Tuple[Sequence[int], Sequence[int], Sequence[float]]  # sources, targets, weights


def some_graph(seed: int, incoming: int = INCOMING, cells: int = CELLS) -> Graph:
    """20 connections, 4 of them onto cell 0 and no more onto any other: every formulation keeps its shape."""
    rng = np.random.default_rng(seed)
    slots = rng.permutation(np.arange(incoming, incoming * cells))[:16]
    first = int(rng.integers(6, cells))  # far in potential: it will be lost
    sources = [first, *rng.integers(0, cells, incoming + 15)]
    return sources, [0] * incoming + [slot // incoming for slot in slots], list(rng.uniform(0.05, 0.2, incoming + 16))


def example(
    kernel: str,
    seed: int = 0,
    incoming: int = INCOMING,
    cells: int = CELLS,
    **parameters: Any,  # numbers or arrays
) -> Network:
    """Cells at their start, with the kernel's parameters and a graph like `some_graph`; with 0 incoming unconnected."""
    model = KERNELS[kernel]
    each = {name: np.full(cells, model.parameters[name]) for name in DRIVEN.get(kernel, {})}
    I_syn = np.zeros((int(model.synaptic and incoming > 0), cells))
    state = np.concatenate([model.initial(cells, np.random.default_rng(seed)), I_syn])
    sources, targets, weights = some_graph(seed, incoming, cells) if incoming else ([], [], [])
    return Network(kernel, state, sources, targets, np.full(len(weights), 0.05), {**each, **parameters}).rounded()


def stimulus(kernel: str, milliseconds: int) -> Floats:
    """Another value for each cell and millisecond, and of this project's kernels enough for all of them to spike."""
    enough = ENOUGH.get(kernel, KERNELS[kernel].scale / 8)
    return enough * np.random.default_rng(5).random((milliseconds, CELLS))


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
        """For `example` and any graph like `some_graph`, which have one shape; without a formulation by the best."""
        if coupling not in self._programs:
            program = self.backend.prepare(example(self.kernel), coupling)
            self._programs[coupling] = self._programs[program.coupling] = program
        return self._programs[coupling]

    def ready(self) -> Program:
        """At the start of `example`."""
        program = self.compiled()
        program.reset(example(self.kernel))
        return program

    def millisecond(self, coupling: str, graph: Graph) -> Any:  # a Run
        """The first of a graph."""
        return self.first(1, awake(self.kernel, graph), coupling)

    def first(self, milliseconds: int, network: Network, coupling: str) -> Any:  # a Run
        """The first milliseconds of a network like `example`."""
        program = self.compiled(coupling)
        program.reset(network)
        return program.run(milliseconds)

    def oracle(self) -> Trial:
        """The same kernel on the backend that all are judged by."""
        return Trial(BACKENDS[ORACLE], self.kernel)
