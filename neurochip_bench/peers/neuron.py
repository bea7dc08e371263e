"""NEURON (Hines and Carnevale 1997): cells of compartments, mechanisms in its own language, its implicit fixed step.

Cells are built in `neuron_child`, from mechanisms/*.mod. Its step is backward Euler for potentials, exponential for
gates: no result is our step's, and `scheme` says how rows are judged then.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType
from typing import Any, Mapping

import numpy as np

from model.arrays import Array, Floats, Reals
from neurochip_bench.backends.libraries import installed
from neurochip_bench.peers.process import Piece, ProcessProgram, Spiked

MECHANISMS = Path(__file__).parent / "mechanisms"
FILES = {"hh": ("hh", "synapse"), "io": ("olive_soma", "olive_axon", "olive_dendrite", "gap")}
LEVELS = {"hh": ("threshold",), "io": ("threshold", "rearmed")}  # of the potential, where NEURON watches it
NO_LIF = "it takes a map per step for no equation; its own IntFire1 has neither the step's drive nor its reset"


class NeuronProgram(ProcessProgram):
    """A network of NEURON's, on one thread."""

    library = "neuron"
    extra = "neuron"
    distributions = ("neuron",)
    models = tuple(FILES)
    lacks = MappingProxyType({("lif", connected): NO_LIF for connected in (False, True)})
    threads: int | None = 1

    @staticmethod
    def missing() -> str | None:
        """None, or that NEURON or its compiler is missing."""
        if not installed("neuron"):
            return "NEURON is not installed (python -m pip install 'neurochip-bench[neuron]')"
        absent = [tool for tool in ("g++", "make") if shutil.which(tool) is None]
        return f"NEURON needs a C++ compiler: {' and '.join(absent)} not found on the PATH" if absent else None

    def _compile(self) -> None:
        self.library_version = importlib.metadata.version("neuron")
        for name in FILES[self.network.kernel]:
            shutil.copy(MECHANISMS / f"{name}.mod", self.folder)
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        command = shutil.which("nrnivmodl", path=path)
        if command is None:
            raise RuntimeError(
                "nrnivmodl not found beside Python or on the PATH: expected it where NEURON is installed"
            )
        done = subprocess.run([command, "."], cwd=self.folder, env={**os.environ, "PATH": path}, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"nrnivmodl failed: {done.stderr.decode(errors='replace')[-300:]}")
        (self._library,) = self.folder.glob("*/libnrnmech.so")

    def _start_rows(self) -> Floats:
        """The state, and of io whether a cell may spike."""
        armed = np.zeros((int(self.network.kernel == "io"), self.network.cells))
        return np.concatenate([self.network.state, armed])

    def _run_piece(self, rows: Floats, milliseconds: int, stimulus: Reals | None) -> Piece:
        states = len(self.network.state)
        found = self._ask(rows[:states], milliseconds, stimulus)
        crossings = [(found[f"cells_{i}"], found[f"times_{i}"]) for i in range(len(LEVELS[self.network.kernel]))]
        levels = [self.network.parameters[name] for name in LEVELS[self.network.kernel]]
        seen = [rising(rows[0], level, c.astype(int), self._steps(t)) for level, (c, t) in zip(levels, crossings)]
        if len(seen) == 1:
            return Piece(found["rows"], found["trace"], seen[0], float(found["seconds"]))
        spiked, armed = after_rearming(seen[0], seen[1], (rows[states] > 0) | (rows[0] < levels[1]))
        after = np.concatenate([found["rows"], [armed | (found["rows"][0] < levels[1])]])
        return Piece(after, found["trace"], spiked, float(found["seconds"]))

    def _steps(self, times: Floats) -> Array:
        """Numbers of the steps at whose end a potential was seen to have crossed."""
        return np.rint(times / self.settings.dt).astype(np.int64) - 1

    def _ask(self, rows: Floats, milliseconds: int, stimulus: Reals | None) -> Mapping[str, Array]:
        """What a process gives back that starts from a state."""
        network = self.network
        given: dict[str, Any] = {f"p_{name}": value for name, value in network.parameters.items()}  # what npz takes
        given |= {"rows": rows, "sources": network.sources, "targets": network.targets, "weights": network.weights}
        given |= {} if stimulus is None else {"stimulus": stimulus}
        given |= {
            "kernel": network.kernel,
            "levels": LEVELS[network.kernel],
            "dt": self.settings.dt,
            "milliseconds": milliseconds,
        }
        source, destination = self.folder / "given.npz", self.folder / "found.npz"
        np.savez(source, **given)
        command = [sys.executable, "-m", "neurochip_bench.peers.neuron_child"]
        root = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
        done = subprocess.run(
            [*command, source, destination, self._library],
            env={**os.environ, "PYTHONPATH": root},
            cwd=self.folder.parent,
            capture_output=True,
        )
        if done.returncode:
            raise RuntimeError(f"NEURON's process failed: {done.stderr.decode(errors='replace')[-500:]}")
        with np.load(destination) as file:
            return dict(file)


def rising(start: Floats, level: Array, cells: Array, steps: Array) -> Spiked:
    """Where potentials crossed a level, without what NEURON sees at the start of cells that started above it."""
    crossed = ~((start >= level)[cells] & (steps <= 0))
    return Spiked(cells[crossed], steps[crossed])


def after_rearming(reached: Spiked, rearmed: Spiked, armed: Array) -> tuple[Spiked, Array]:
    """(spikes, armed at the end): where a potential reached the threshold, having been below another since the last.

    NEURON sees where a potential rises above a level, and never where it falls below: a cell that rises above the
    lower one was below it.
    """
    kinds = np.repeat([1, 0], [len(reached.cells), len(rearmed.cells)])
    cells, steps = (np.concatenate(pair) for pair in zip(reached, rearmed))
    armed, spikes = armed.copy(), []
    for i in np.lexsort((kinds, steps)):  # the lower level first
        if kinds[i] and armed[cells[i]]:
            spikes.append(i)
        armed[cells[i]] = not kinds[i]
    return Spiked(cells[spikes], steps[spikes]), armed
