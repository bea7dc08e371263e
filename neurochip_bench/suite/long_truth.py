"""The float64 runs that long rows are judged by, computed once and kept by what they depend on."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

import model
import neurochip_bench
from model.arrays import Reals
from model.kernels import DT
from model.network import Network
from neurochip_bench import files
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.keep.versions import digest as digest_of
from neurochip_bench.keep.versions import versions
from neurochip_bench.run import Run
from neurochip_bench.suite.long import estimate, in_pieces
from neurochip_bench.suite.progress import Progress

STAND_INS = ("jax-cpu-f64", "tensorflow-cpu-f64")  # NumPy takes minutes
AGREED_MS = 1000  # over which a stand-in has to agree with NumPy
AGREED_MV = 1e-6  # rounding errors of float64 grow to some 1e-9 mV in that time
SOURCES = (Path(model.__file__).parent, Path(neurochip_bench.__file__).parent / "backends")  # may change a run


class LongTruths:
    """Runs of a float64 backend that agreed with NumPy over the first second, or of NumPy where none does."""

    def __init__(self, folder: Path | None, progress: Progress) -> None:
        self._folder, self._progress = folder, progress
        self._runs: dict[str, Run] = {}

    def of(self, network: Network, milliseconds: int, stimulus: Reals | None = None) -> Run:
        """The `Run` of a network from its start."""
        key = digest(network, milliseconds, stimulus)
        if key not in self._runs:
            self._runs[key] = self._kept(key) or self._computed(key, network, milliseconds, stimulus)
        return self._runs[key]

    def _kept(self, key: str) -> Run | None:
        if self._folder is None:
            return None
        try:
            with np.load(self._folder / f"{key}.npz", allow_pickle=False) as kept:
                return Run(*(kept[name] for name in ("state", "first", "trace", "codes")), steps_per_ms=round(1 / DT))
        except (OSError, ValueError, KeyError, BadZipFile):
            return None  # not there, or damaged

    def _computed(self, key: str, network: Network, milliseconds: int, stimulus: Reals | None) -> Run:
        backend = self._stand_in(network, stimulus)
        run = self._run(backend, network, milliseconds, stimulus)
        if self._folder:
            with files.whole(self._folder / f"{key}.npz") as file:  # so that nobody reads half of one
                np.savez(file, state=run.state, first=run.first, trace=run.trace, codes=run.codes)
        return run

    def _stand_in(self, network: Network, stimulus: Reals | None) -> str:
        """Id of the backend to run: the first whose first second is NumPy's, else NumPy's own."""
        present = [name for name in STAND_INS if BACKENDS[name].missing() is None]
        if not present:
            return ORACLE
        truth = self._run(ORACLE, network, AGREED_MS, None if stimulus is None else stimulus[:AGREED_MS])
        for name in present:
            run = BACKENDS[name].prepare(network).run(AGREED_MS, None if stimulus is None else stimulus[:AGREED_MS])
            if agree(run, truth):
                return name
        return ORACLE

    def _run(self, backend: str, network: Network, milliseconds: int, stimulus: Reals | None) -> Run:
        program = BACKENDS[backend].prepare(network)
        seconds = estimate(program, milliseconds)
        program.reset()
        with self._progress(f"truth by {backend}", milliseconds, seconds) as listener:
            return in_pieces(program, milliseconds, stimulus, listener)


def agree(run: Run, truth: Run) -> bool:
    """Whether two recorded float64 runs differ in nothing but rounding."""
    (trace, codes), (true_trace, true_codes) = run.recorded(), truth.recorded()
    return bool(np.abs(trace - true_trace).max() <= AGREED_MV and np.array_equal(codes, true_codes))


def digest(network: Network, milliseconds: int, stimulus: Reals | None) -> str:
    """A name for a run, of all that it depends on: network, stimulus, and the code and versions that run it."""
    found = hashlib.sha256(f"{network.kernel} {milliseconds} {versions()} {digest_of(SOURCES)}".encode())
    arrays: list[NDArray[Any]] = [network.state, network.sources, network.targets, network.weights]
    arrays += [network.parameters[name] for name in sorted(network.parameters)]
    arrays += [] if stimulus is None else [stimulus]
    for array in arrays:
        found.update(f"{array.dtype}{array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:32]
