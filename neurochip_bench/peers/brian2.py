"""Brian2 (Stimberg, Brette, Goodman 2019, eLife 8:e47314): C++ that it writes, compiled once and run as a program.

The models are in `brian2_models`. Its Euler method is our very step, so that results are held to the rounding floor.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from model.arrays import Floats, Reals
from model.network import Network
from neurochip_bench.backends.host import cores
from neurochip_bench.backends.libraries import Handle, Library, installed
from neurochip_bench.peers.brian2_models import MODELS, Model
from neurochip_bench.peers.process import Piece, ProcessProgram, Spiked

# Brian2 writes a duration into its program; here it comes when the program is run, so that one serves every length.
# Of <time.h>, which its main includes: headers of our own would go into each of its files, and cost as much to compile.
BEGIN = "timespec begun, ended;"
RUN = """
clock_gettime(CLOCK_MONOTONIC, &begun);
network.run(std::atof(std::getenv("NEUROCHIP_MS")) * 1e-3, NULL, 10.0);
"""
END = """
clock_gettime(CLOCK_MONOTONIC, &ended);
std::ofstream spent((brian::results_dir + "seconds").c_str());
spent.precision(17);
spent << (ended.tv_sec - begun.tv_sec) + 1e-9 * (ended.tv_nsec - begun.tv_nsec);
"""


class Built(NamedTuple):
    """A compiled project: its folder, and the names that its program knows rows and stimulus by, and of its files."""

    folder: Path
    rows: dict[str, str]
    stimulus: str | None
    trace: str
    cells: str
    times: str


class Brian2Program(ProcessProgram):
    """A network as a C++ program of Brian2's, on one thread."""

    library = "brian2"
    extra = "brian2"
    distributions = ("brian2",)
    models = tuple(MODELS)
    same_step = True
    fast_math = True  # of Brian2's own flags
    threads: int | None = 1

    @staticmethod
    def missing() -> str | None:
        """None, or that Brian2 or its compiler is missing."""
        if not installed("brian2"):
            return "Brian2 is not installed (python -m pip install 'neurochip-bench[brian2]')"
        absent = [tool for tool in ("g++", "make") if shutil.which(tool) is None]
        return f"Brian2 needs a C++ compiler: {' and '.join(absent)} not found on the PATH" if absent else None

    def _compile(self) -> None:
        self.library_version = importlib.metadata.version("brian2")
        self._built: dict[bool, Built] = {}
        self._build(self.kernel.drive is not None)

    def _build(self, driven: bool) -> Built:
        """The program with or without a stimulus, compiled once."""
        if driven not in self._built:
            folder = self.folder / ("driven" if driven else "alone")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # pyparsing's, of what Brian2 calls in it
                self._built[driven] = build(
                    self.network, self.settings.dt, self.block, driven, self.threads or 0, folder
                )
        return self._built[driven]

    @property
    def _model(self) -> Model:
        return MODELS[self.network.kernel]

    def _start_rows(self) -> Floats:
        besides = np.zeros((int(self._model.besides is not None), self.network.cells))
        return np.concatenate([self.network.state, besides])

    def _run_piece(self, rows: Floats, milliseconds: int, stimulus: Reals | None) -> Piece:
        built = self._build(stimulus is not None or self.kernel.drive is not None)
        hand_in(built, rows, stimulus, (self.block, self.network.cells))
        given = [f"{name}={built.folder / name}.in" for name in (*built.rows, *filter(None, [built.stimulus]))]
        results = built.folder / "results"
        (results / "seconds").unlink(missing_ok=True)
        subprocess.run(
            [built.folder / "main", "--results_dir", f"{results}{os.sep}", *given],
            env={**os.environ, "NEUROCHIP_MS": str(milliseconds)},
            cwd=built.folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        start = time.perf_counter()
        after = np.stack([np.fromfile(results / name) for name in built.rows.values()])
        trace = np.fromfile(results / built.trace).reshape(milliseconds, -1)
        cells, times = np.fromfile(results / built.cells, np.int32), np.fromfile(results / built.times)
        seconds = float((results / "seconds").read_text()) + time.perf_counter() - start
        steps = np.rint(times * 1e3 / self.settings.dt).astype(np.int64)
        return Piece(after, np.concatenate([trace[1:], after[:1]]), Spiked(cells, steps), seconds)


class Brian2OpenmpProgram(Brian2Program):
    """The same with OpenMP, on all threads."""

    threads: int | None = cores()


def hand_in(built: Built, rows: Floats, stimulus: Reals | None, shape: tuple[int, int]) -> None:
    """Write what a program reads when it starts."""
    for name, row in zip(built.rows, rows):
        row.tofile(built.folder / f"{name}.in")
    if built.stimulus:
        held = np.zeros(shape)
        if stimulus is not None:
            held[: len(stimulus)] = stimulus
        held.tofile(built.folder / f"{built.stimulus}.in")


def build(network: Network, dt: float, block: int, driven: bool, threads: int, folder: Path) -> Built:
    """Write and compile the program of a network; one thread is without OpenMP."""
    import brian2

    model = MODELS[network.kernel]
    device = fresh_device(brian2, threads, folder)
    brian2.defaultclock.dt = dt * brian2.ms
    applied = brian2.TimedArray(np.zeros((block, network.cells)), dt=1 * brian2.ms, name="stimulus")
    namespace: dict[str, object] = {n: float(value) for n, value in network.parameters.items() if not value.ndim}
    namespace |= {"ms": brian2.ms, "inf": np.inf} | ({"stimulus": applied} if driven else {})
    cells = group(brian2, network, model, driven, namespace)
    trace = brian2.StateMonitor(cells, network.states[0], record=True, dt=1 * brian2.ms, name="trace")
    spikes = brian2.SpikeMonitor(cells, name="spiking")
    objects = [cells, trace, spikes, *synapses(brian2, network, model, cells)]
    run = brian2.Network(*objects, name="network")
    if model.schedule:
        run.schedule = list(model.schedule)
    device.insert_code("before_start", BEGIN)
    device.apply_run_args()
    run.run(0 * brian2.ms, namespace=namespace)
    device.insert_code("main", RUN)
    device.insert_code("after_end", END)
    device.build(directory=str(folder), run=False, with_output=False)
    names = [*network.states, *filter(None, [model.besides])]
    return Built(
        folder,
        {f"cells.{name}": device.get_array_filename(cells.variables[name]) for name in names},
        f"{applied.name}.values" if driven else None,
        device.get_array_filename(trace.variables[network.states[0]]),
        device.get_array_filename(spikes.variables["i"]),
        device.get_array_filename(spikes.variables["t"]),
    )


def fresh_device(brian2: Library, threads: int, folder: Path) -> Handle:
    """Brian2's device for C++ programs, emptied of the last one."""
    brian2.set_device("cpp_standalone", build_on_run=False, directory=str(folder))
    brian2.device.reinit()
    brian2.device.activate(build_on_run=False, directory=str(folder))
    brian2.prefs.devices.cpp_standalone.openmp_threads = threads if threads > 1 else 0
    brian2.prefs.devices.cpp_standalone.extra_make_args_unix = [f"-j{cores()}"]
    return brian2.device


def group(brian2: Library, network: Network, model: Model, driven: bool, namespace: dict[str, object]) -> Handle:
    """The cells, with what differs between them, and what is carried from step to step besides the state."""
    differing = {name: value for name, value in network.parameters.items() if value.ndim}
    lines = [model.equations, *(f"{name} : 1 (constant)" for name in differing)]
    lines.append(f"applied = {'stimulus(t, i)' if driven else '0'} : 1")
    lines.append(f"{model.input} {': 1' if network.connected else '= 0 : 1'}")
    spike = {"threshold": model.threshold, "reset": model.reset}
    cells = brian2.NeuronGroup(
        network.cells, "\n".join(lines), method="euler", name="cells", namespace=namespace, **spike
    )
    for name, value in differing.items():
        setattr(cells, name, value)
    for number, (code, slot, order) in enumerate(model.regularly):
        if model.input == "I_syn" and "I_syn *=" in code and not network.connected:
            continue
        cells.run_regularly(code, when=slot, order=order, name=f"regularly_{number}")
    return cells


def synapses(brian2: Library, network: Network, model: Model, cells: Handle) -> list[Handle]:
    """The connections, if there are any."""
    if not network.connected:
        return []
    one = network.weights.ndim == 0
    lines = [] if one else ["w : 1 (constant)"]
    lines += [model.gap] if model.gap else []
    namespace = {"w": float(network.weights)} if one else {}
    on_pre = None if model.gap else "I_syn_post += w"
    joined = brian2.Synapses(cells, cells, "\n".join(lines), on_pre=on_pre, name="joined", namespace=namespace)
    joined.connect(i=network.sources, j=network.targets)
    if not one:
        joined.w = network.weights
    return [joined]
