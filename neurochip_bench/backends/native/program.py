"""Native programs: what a kernel's equations say, in loops that fill this processor's vectors and threads."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path
from types import MappingProxyType
from typing import List, Mapping

import numpy as np

from model.arrays import Array, Codes, Reals
from model.checks import whole_number, yes_or_no
from model.network import Network
from neurochip_bench.backends.host import cores, cpu_name
from neurochip_bench.backends.libraries import Handle, installed
from neurochip_bench.backends.native import compiled
from neurochip_bench.backends.native.layout import blocks_of, filled, in_blocks, lay_out, shares
from neurochip_bench.backends.native.loops import LANES
from neurochip_bench.backends.native.source import scratch_size
from neurochip_bench.backends.native.trace import evaluate
from neurochip_bench.backends.program import Program
from neurochip_bench.backends.xla import milliseconds_of_a_call
from neurochip_bench.run import Run
from neurochip_bench.settings import Settings

NO_MATRICES = "a native program is loops over cells and connections, without matrices"
WORTH_A_THREAD = 75_000  # operations of a step: with fewer, threads wait for each other longer than they save


class NumbaProgram(Program):
    """A network stepped by a program that is generated from its kernel and compiled by Numba.

    threads   of this program; None for the fastest at this size
    cold      whether it is compiled even where a cache on disk has it: what compiling takes is not known otherwise
    """

    extra = "numba"
    distributions: tuple[str, ...] = ("numba", "llvmlite")
    device_name = cpu_name()
    form = "loop"
    options = ("threads", "cold")
    unsupported: Mapping[str, str] = MappingProxyType(dict.fromkeys(("one-hot", "dense"), NO_MATRICES))
    threads: int

    def __init__(
        self,
        dtype: np.dtype,
        network: Network,
        settings: Settings,
        *,
        threads: int | None = None,
        cold: bool = False,
    ) -> None:
        self._cold = yes_or_no("cold", cold)
        self._threads = None if threads is None else whole_number("threads", threads, 1, cores())
        self._blocks = blocks_of(network.cells)
        self.block = milliseconds_of_a_call(network.cells)
        self.library_version = compiled.version()
        self._keep = True
        super().__init__(dtype, network, settings)

    @staticmethod
    def missing() -> str | None:
        """None, or a sentence: Numba is not installed, or does not compile."""
        if not installed("numba"):
            return "Numba is not installed (python -m pip install 'neurochip-bench[numba]')"
        asked = os.environ.get("NUMBA_DISABLE_JIT", "").strip()
        return f"NUMBA_DISABLE_JIT is {asked!r}: expected 0, or that it is not set" if asked not in ("", "0") else None

    def best_coupling(self, network: Network) -> str:
        """A table of neighbours: cut block by block, a hub makes it large in its own block alone."""
        return "padded"

    @property
    def _ring(self) -> int:
        """Steps whose signals are kept: those of now, while threads tell those of the next, and all that are late."""
        return max(1, self.slots) + 1

    def _compile(self) -> None:
        asked = compiled.asked(self.kernel, self.settings, self.dtype)
        self._cell, self._run = asked.cell, compiled.program(asked, self._cold)
        work = self._cell.operations(self.network.cells, self.network.connections)
        self.threads = self._threads or max(1, min(cores(), work // WORTH_A_THREAD))

    def warm_compile(self) -> float | None:
        """Seconds by the cache on disk, here one of its own that is filled before."""
        with tempfile.TemporaryDirectory(prefix="native-") as folder:
            asked = compiled.asked(self.kernel, self.settings, self.dtype)
            compiled.made(asked, Path(folder))
            start = self.clock()
            asked = compiled.asked(self.kernel, self.settings, self.dtype)
            loaded = compiled.load(asked, Path(folder) / compiled.entry_name(asked))
            seconds = self.clock() - start
        self.reset()
        return seconds if loaded else None

    def _lay_out(self, network: Network) -> List[Array]:
        return lay_out(str(self.coupling), network, self.dtype, self.settings.dt, self._ring) if self.coupling else []

    def _same_layout(self, graph: List[Array], network: Network) -> bool:
        return network.connections == self.network.connections

    def _load(self) -> None:
        cells, padded = self.network.cells, self._blocks * LANES
        self._order = self.graph[0] if self.graph else None
        self._back = None if self._order is None else np.argsort(self._order)
        rows = np.concatenate([self.rows(self.network), np.zeros((2, cells))])
        self._state_blocks = aligned(in_blocks(self._ordered(rows)), self.dtype)
        self._load_parameters()
        self._signals = aligned(np.zeros(self._ring * padded), self.dtype)
        none = np.zeros(1, self.dtype)
        given = self.graph[1:] if self.graph else [np.zeros(1, np.uint32), none, none, np.zeros(1, np.uint64)]
        self._connections = [np.ascontiguousarray(array) for array in given]
        self._shares = shares(self.graph[4] if self.graph else None, self._blocks, self.threads)
        self._now = 0  # steps since the start

    def _load_parameters(self) -> None:
        """What is the same for all cells, as each thread begins with it, and what differs from cell to cell."""
        counts = {"dt": np.array(self.settings.dt), "steps": np.array(float(self.settings.steps_per_ms))}
        values = evaluate(self._cell.slots, {**self.network.parameters, **counts})
        each = [i for i, value in enumerate(values) if value.ndim]
        self._which = np.array(each, np.uint64)
        rows = np.stack([values[i] for i in each]) if each else np.zeros((0, self.network.cells))
        with np.errstate(all="ignore"):
            self._per_cell = aligned(in_blocks(self._ordered(rows)), self.dtype)
        same = np.zeros(scratch_size(self._cell))
        for i, value in enumerate(values):
            same[i * LANES : (i + 1) * LANES] = 0.0 if value.ndim else value
        with np.errstate(all="ignore"):
            self._same = same.astype(self.dtype)

    def _ordered(self, rows: Array) -> Array:
        return rows if self._order is None else rows[..., self._order]

    def _advance_all(self, milliseconds: int, stimulus: Reals | None, record: bool) -> Run:
        self._keep = record
        return super()._advance_all(milliseconds, stimulus, record)

    def _advance(self, milliseconds: int, stimulus: Reals | None) -> tuple[Reals, Codes]:
        padded = self._blocks * LANES
        kept = (milliseconds, padded) if self._keep else (1, 1)
        trace, codes = np.empty(kept, self.dtype), np.empty(kept, self.dtype)
        applied = np.zeros(1, self.dtype)
        if stimulus is not None:
            applied = np.ascontiguousarray(filled(self._ordered(stimulus))).reshape(-1)
        total = milliseconds * self.settings.steps_per_ms
        arrays = [self._which, self._per_cell, applied, trace.reshape(-1), codes.reshape(-1), self._signals]
        numbers = [total, self.settings.steps_per_ms, padded, self._now % self._ring, self._ring, self.threads]
        weighted = self.network.weights.ndim if self.graph else 0
        flags = [self.slots > 0, np.uint64(weighted), stimulus is not None, self._keep]
        self._all_threads([*arrays, *self._connections], [*map(np.uint64, numbers), *flags])
        self._now += total
        return (self._given(trace), self._given(codes).astype(np.int32)) if self._keep else (trace, codes)

    def _all_threads(self, arrays: List[Array], numbers: List[Handle]) -> None:
        """Run a share on each thread; none begins before all are there, since they wait for each other."""
        meeting, gate = np.zeros(1, np.int64), threading.Event()
        complete: List[bool] = []

        def work(thread: int) -> None:
            gate.wait()
            if complete:
                share = map(np.uint64, self._shares[thread])
                self._run(self._state_blocks, self._same, *arrays, meeting, *share, *numbers)

        others = [threading.Thread(target=work, args=(i,), daemon=True) for i in range(1, self.threads)]
        try:
            for other in others:
                other.start()
            complete.append(True)
        finally:
            gate.set()
        work(0)
        for other in others:
            other.join()

    def _given(self, array: Array) -> Array:
        """Values of cells (..., N) in the network's order, of those in that of blocks."""
        return array[..., : self.network.cells] if self._back is None else array[..., self._back]

    def _state(self) -> Reals:
        blocks = self._state_blocks.reshape(self._blocks, -1, LANES)[:, : len(self.network.state)]
        return self._given(blocks.transpose(1, 0, 2).reshape(len(self.network.state), -1)).copy()


def aligned(values: Array, dtype: np.dtype) -> Array:
    """A copy in a type, that begins where a vector of the processor may."""
    raw = np.empty(values.size * dtype.itemsize + 64, np.uint8)
    begin = -raw.ctypes.data % 64
    array = raw[begin : begin + values.size * dtype.itemsize].view(dtype)
    array[:] = values
    return array
