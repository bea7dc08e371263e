"""Arbor (Abi Akar et al. 2019): cells of compartments in compiled C++, mechanisms in its dialect of NMODL.

The mechanism, arbor_mechanisms/hh1952.mod, is compiled into a catalogue once. Its step is backward Euler for potentials
and exponential for gates, with a Pade approximant for the exponential. Each piece of a run is a simulation of its own,
which `arbor_cells` describes.
"""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import MappingProxyType
from typing import Mapping

import numpy as np

from model.arrays import Floats, Reals
from neurochip_bench.backends.host import cores
from neurochip_bench.backends.libraries import Handle, installed
from neurochip_bench.peers.process import Piece, ProcessProgram, Spiked

MECHANISMS = Path(__file__).parent / "arbor_mechanisms"
TOGETHER = 500  # cells in a simulation: what it takes to ask for a cell's samples grows with the cells beside it
DELAYS = "each of its connections has a delay, and spikes arrive between two steps"
UNWRITTEN = "of its models hh alone is written down here"
NO_LIF = "its own cells of that kind take spikes alone, and no drive of each step"


class ArborProgram(ProcessProgram):
    """Cells of Arbor's, on all threads."""

    library = "arbor"
    extra = "arbor"
    distributions = ("arbor",)
    models = ("hh",)
    lacks = MappingProxyType(
        {
            ("hh", True): DELAYS,
            **{("io", connected): UNWRITTEN for connected in (False, True)},
            **{("lif", connected): NO_LIF for connected in (False, True)},
        }
    )
    threads: int | None = cores()

    @staticmethod
    def missing() -> str | None:
        """None, or that Arbor or its compiler is missing."""
        if not installed("arbor"):
            return "Arbor is not installed (python -m pip install 'neurochip-bench[arbor]')"
        absent = [tool for tool in ("c++", "make", "cmake") if shutil.which(tool) is None]
        return f"Arbor needs a C++ compiler: {' and '.join(absent)} not found on the PATH" if absent else None

    def _compile(self) -> None:
        self.library_version = importlib.metadata.version("arbor")
        self._catalogue = catalogue(self.folder)

    def _start_rows(self) -> Floats:
        return self.network.state

    def _run_piece(self, rows: Floats, milliseconds: int, stimulus: Reals | None) -> Piece:
        cells = self.network.cells
        given = {name: np.broadcast_to(value, cells) for name, value in self.network.parameters.items()}
        currents = given["I_in"] + (np.zeros((milliseconds, cells)) if stimulus is None else stimulus)
        parts = [slice(first, first + TOGETHER) for first in range(0, cells, TOGETHER)]
        pieces = [
            self._run_part({name: value[part] for name, value in given.items()}, rows[:, part], currents[:, part])
            for part in parts
        ]
        numbers = [piece.spiked.cells + part.start for part, piece in zip(parts, pieces)]
        spiked = Spiked(np.concatenate(numbers), np.concatenate([piece.spiked.steps for piece in pieces]))
        state, trace = (np.concatenate(columns, axis=1) for columns in zip(*(piece[:2] for piece in pieces)))
        return Piece(state, trace, spiked, sum(piece.seconds for piece in pieces))

    def _run_part(self, given: Mapping[str, Floats], rows: Floats, currents: Floats) -> Piece:
        """Run some of the cells."""
        import arbor

        from neurochip_bench.peers.arbor_cells import GATES, Cells

        unit, dt, milliseconds = arbor.units.ms, self.settings.dt, len(currents)
        # A sample is the state at the start of the step that it falls into: each lies a quarter into one.
        times = [(m + dt / 4) * unit for m in range(1, milliseconds + 1)]
        every, last = arbor.explicit_schedule(times), arbor.explicit_schedule(times[-1:])
        recipe, context = Cells(given, rows, currents, self._catalogue, dt), arbor.context(threads=self.threads or 1)
        simulation = arbor.simulation(recipe, context, grouped(recipe, context))
        simulation.record(arbor.spike_recording.local)
        cells = range(rows.shape[1])
        potentials = [simulation.sample(cell, "V", every) for cell in cells]
        gates = [[simulation.sample(cell, gate, last) for cell in cells] for gate in GATES]
        start = time.perf_counter()
        simulation.run((milliseconds + dt) * unit, dt * unit)
        trace = np.array([read(simulation, handle) for handle in potentials]).T
        spikes = simulation.spikes()
        seconds = time.perf_counter() - start
        state = np.array([trace[-1], *([read(simulation, handle)[0] for handle in row] for row in gates)])
        steps = np.floor(spikes["time"] / dt).astype(np.int64)
        inside = steps < milliseconds * self.settings.steps_per_ms
        return Piece(state, trace, Spiked(spikes["source"]["gid"][inside].astype(int), steps[inside]), seconds)


def catalogue(folder: Path) -> Path:
    """Compile the mechanism in a folder by Arbor's own builder; raises RuntimeError with what it says."""
    import arbor

    builder = Path(arbor.__file__).parent / "bin" / "arbor-build-catalogue"
    command = [sys.executable, str(builder), "neurochip", str(MECHANISMS)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    built = folder / "neurochip-catalogue.so"
    if done.returncode or not built.exists():
        raise RuntimeError(f"arbor-build-catalogue failed: {(done.stdout + done.stderr)[-300:]}")
    return built


def grouped(recipe: Handle, context: Handle) -> Handle:
    """One group of cells for each thread; by itself Arbor has one for each cell, which suits large cells."""
    import arbor

    hint = arbor.partition_hint(cpu_group_size=-(-recipe.num_cells() // context.threads))
    return arbor.partition_load_balance(recipe, context, {arbor.cell_kind.cable: hint})


def read(simulation: Handle, handle: int) -> Floats:
    """The values of a sampler."""
    ((values, _),) = simulation.samples(handle)
    return np.array(values[:, 1])
