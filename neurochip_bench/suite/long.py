"""Rows of seconds of model time: run once, in pieces, their progress on the terminal, their traces kept."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, ContextManager, Protocol

import numpy as np
from pytest_benchmark.fixture import BenchmarkFixture

from model.arrays import Codes, Reals
from model.kernels import KERNELS
from model.network import Network
from neurochip_bench import files
from neurochip_bench.accuracy import Verdict, judge
from neurochip_bench.accuracy.reference import References
from neurochip_bench.keep.record import Record, saved_form
from neurochip_bench.run import Run
from neurochip_bench.suite.keeping import Truth
from neurochip_bench.suite.progress import Listener, Progress, unseen
from neurochip_bench.suite.row import Row
from neurochip_bench.suite.truth import FOLDER

if TYPE_CHECKING:
    from neurochip_bench.backends import Backend, Program

LIMITS = "long.json"
PIECE_MS = 500
MEASURED_MS = 100  # the short piece that tells beforehand how long a run will take


class TruthSource(Protocol):
    """What gives the float64 run of a network."""

    def of(self, network: Network, milliseconds: int, stimulus: Reals | None = None) -> Truth:
        """The truth of a network from its start."""


class LongRow(Row):
    """A row whose run is long; `truths` are `LongTruths`, `limits` the yardsticks of its experiment."""

    rounds = 1

    def __init__(
        self,
        benchmark: BenchmarkFixture,
        backend: Backend,
        kernel: str,
        side: int,
        connected: bool,
        coupling: str | None,
        *,
        truths: TruthSource,
        milliseconds: int,
        stimulus: Reals | None,
        progress: Progress,
    ) -> None:
        super().__init__(benchmark, backend, kernel, side, connected, coupling, self.by_limits)
        self.truths, self.milliseconds, self.shown = truths, milliseconds, progress
        self.stimulus = None if stimulus is None else stimulus[:milliseconds]
        self.limits = References(FOLDER).table(LIMITS)[str(self.record.experiment)][str(milliseconds)]

    def watched(self, seconds: float) -> ContextManager[Listener]:
        """What listens how far the rounds are: nobody, since the run itself is watched."""
        return nullcontext(unseen)

    def warm_up(self, program: Program) -> None:
        """Run a short piece, and record how long it took and what it says of how long all will take."""
        start = program.clock()
        program.run(MEASURED_MS)
        self.note(first_run_s=program.clock() - start, estimated_s=estimate(program, self.milliseconds))

    def run(self, program: Program) -> Run:
        """Run a program over the row's model time, in pieces, and show how far it is."""
        with self.shown(self.benchmark.name, self.milliseconds, self.record.estimated_s) as listener:
            return in_pieces(program, self.milliseconds, self.stimulus, listener)

    def truth(self) -> Run:
        """The float64 run of the row's network under its stimulus."""
        return self.truths.of(self.network, self.milliseconds, self.stimulus).run

    def by_limits(
        self, run: Run, network: Network, stimulus: Reals | None, backend: Backend, seconds: float
    ) -> Verdict:
        """The `Verdict` on the run by the yardsticks of its experiment, whoever ran it and however long that took."""
        truth = self.truths.of(network, self.milliseconds, stimulus)
        return judge(run, truth.run, KERNELS[network.kernel], self.limits, truth.by)


def estimate(program: Program, milliseconds: int) -> float:
    """Seconds that a run will take, by a short piece of it."""
    start = program.clock()
    program.run(MEASURED_MS)
    return (program.clock() - start) * milliseconds / MEASURED_MS


def in_pieces(program: Program, milliseconds: int, stimulus: Reals | None, listener: Listener) -> Run:
    """A recorded run, of which `listener` hears the model milliseconds done after each piece."""
    pieces = []
    for start in range(0, milliseconds, PIECE_MS):
        length = min(PIECE_MS, milliseconds - start)
        pieces.append(program.run(length, None if stimulus is None else stimulus[start : start + length]))
        listener(start + length)
    return Run.joined(pieces)


def keep_traces(folder: Path, name: str, record: Record, **arrays: Reals | Codes) -> Path:
    """Write arrays as NAME.npz and what they are of as NAME.json, without pickles; returns the former's path."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = re.sub(r"[^\w.=-]+", "-", name).strip("-")
    path = folder / f"{plain}.npz"
    with files.whole(path) as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    about = {name: value for name, value in sorted(saved_form(record).items()) if value is not None}
    files.write(path.with_suffix(".json"), json.dumps(about, indent=1, allow_nan=False) + "\n")
    return path
