"""A row: a standard network on a backend, timed and judged, and the record that is kept of it."""

from __future__ import annotations

import time
from contextlib import nullcontext
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, ContextManager, Optional, cast

from pytest_benchmark.fixture import BenchmarkFixture

from model.arrays import Reals
from model.checks import DTYPES
from model.coupling import padded, refusal
from model.kernels import KERNELS
from model.network import Network, build, drive
from neurochip_bench.accuracy import RIGHT, UNDEFINED, Verdict
from neurochip_bench.backends.sharded.share import too_wide
from neurochip_bench.energy import Meter, measure
from neurochip_bench.keep import facts
from neurochip_bench.keep.outputs import keep
from neurochip_bench.keep.record import Record, Scalar, note, read, saved_form
from neurochip_bench.keep.words import experiment_of
from neurochip_bench.networks.undrawn import Undrawn
from neurochip_bench.run import Run
from neurochip_bench.settings import Settings
from neurochip_bench.suite import energy, memory
from neurochip_bench.suite.progress import Listener, Progress, unseen
from neurochip_bench.suite.shards import too_large, undrawn
from neurochip_bench.suite.timing.observer import observer_of
from neurochip_bench.suite.timing.rounds import Rounds

if TYPE_CHECKING:
    from neurochip_bench.backends import Backend, Program
    from neurochip_bench.backends.sharded.remote import RemoteSharded

Judge = Callable[[Run, Network, Optional[Reals], "Backend", float], Verdict]

MODEL_MS = 100  # of every timed run, as published
WATCHED_S = 5.0  # rounds that take longer show how far they are
ROUNDS = 5  # the published figures are the minimum of five


@lru_cache(maxsize=2)
def standard_network(kernel: str, side: int, connected: bool) -> tuple[Network, Reals | None, float]:
    """A standard network, rounded to float32, its stimulus, and the seconds it took to build."""
    start = time.perf_counter()
    network = build(kernel, side, connected)
    seconds = time.perf_counter() - start
    network = network.rounded()
    return network, drive(network, MODEL_MS), seconds


class Row:
    """A standard network on a backend; its record is what pytest-benchmark saves as `extra_info`.

    judged   gives the `Verdict` on a run of a network from its start, under a stimulus, by whom it ran and how long
    outputs  the folder in which final states are kept, or None
    """

    milliseconds, rounds = MODEL_MS, ROUNDS
    standard = staticmethod(standard_network)
    delays: tuple[float, float] | None = None  # between which those of its network lie, in ms
    progress: Progress | None = None  # of the session

    def __init__(
        self,
        benchmark: BenchmarkFixture,
        backend: Backend,
        kernel: str,
        side: int,
        connected: bool,
        coupling: str | None,
        judged: Judge,
        outputs: Path | None = None,
    ) -> None:
        self.benchmark, self.backend, self.coupling, self.judged = benchmark, backend, coupling, judged
        self.outputs = outputs
        self.network, self.stimulus, build_s = self.made(kernel, side, connected)
        asked = Settings(KERNELS[kernel], coupling if connected else None)
        self.note(**saved_form(facts.blank(self.network, backend, asked)))
        self.note(experiment=experiment_of(benchmark.name), build_s=build_s)
        benchmark.group = f"{benchmark.name.split('[')[0]} {kernel} {self.record.connectivity}"
        self._measured = backend.program.here and memory.reset_peak()

    def made(self, kernel: str, side: int, connected: bool) -> tuple[Network, Reals | None, float]:
        """The row's network, its stimulus, and the seconds it took to build."""
        if too_large(self.backend, side**3):
            return undrawn(kernel, (side, side, side), connected, self.delays, self.milliseconds)
        return self.standard(kernel, side, connected)

    def note(self, **known: Scalar) -> None:
        """Write what is known into the record; raises msgspec.ValidationError for what is no field of it."""
        note(self.benchmark.extra_info, **known)

    @property
    def record(self) -> Record:
        """The record of what is known of the row so far."""
        return read(self.benchmark.extra_info)[0]

    def refusal(self) -> str | None:
        """None, or why the coupling that was asked for does not fit this network."""
        if self.coupling is None:
            return None
        why: str | None = self.backend.refuses(self.coupling)
        if self.coupling == "padded" and self.backend.program.devices > 1 and not isinstance(self.network, Undrawn):
            why = why or too_wide(padded.width(self.network))
        return why or refusal(self.coupling, self.network, DTYPES[self.backend.precision])

    def prepare(self, **options: Any) -> Program:  # each backend has its own
        """Compile a program for the row's network, whatever a cache on disk has."""
        if "cold" in self.backend.program.options:
            options["cold"] = True
        return self.backend.prepare(self.network, self.coupling, **options)

    def time_prepare(self) -> Program:
        """Compile a program and time that alone, once."""
        once = Rounds(self.benchmark, observer_of(self.backend))
        program = once.time(self.prepare, lambda: None, 1)
        self.note(**once.facts())
        return program

    def measure(self) -> Program:
        """Compile, run, time and judge; the last timed round is the one that is judged."""
        program = self.prepare()
        self.describe(program)
        self.warm_up(program)  # first touch of memory, and what a library still puts off
        self.judge(self.time(program))
        return program

    def describe(self, program: Program) -> None:
        """Record what a program was prepared with, and how long that took."""
        self.note(**facts.of_program(program, self.milliseconds))

    def run(self, program: Program) -> Run:
        """Run a program over the row's model time, from where it is."""
        return program.run(self.milliseconds, self.stimulus)

    def warm_up(self, program: Program) -> None:
        """Run a program once and record how long that takes: libraries put off work until then."""
        start = program.clock()
        self.run(program)
        self.note(first_run_s=program.clock() - start)

    def time(self, program: Program) -> Run:
        """Time runs from the network's state, read back included, and return the last one; again where others ran."""
        rounds = Rounds(self.benchmark, observer_of(self.backend))
        run = self.attempt(program, rounds)
        while self.first_says(rounds.again()):
            run = self.attempt(program, rounds)
        self.note(**rounds.facts())
        self.note_time(program)
        return run

    def first_says(self, mine: bool) -> bool:
        """What the first of the processes decides that run the row together: what each saw of its machine differs."""
        if self.backend.program.processes == 1:
            return mine
        return cast("type[RemoteSharded]", self.backend.program).told(str(mine))[0] == str(True)

    def attempt(self, program: Program, rounds: Rounds) -> Run:
        """Time all rounds once, and return the last run."""
        seconds = (self.record.first_run_s or 0.0) * self.rounds
        with self.watched(seconds) as listener:
            done = count(0, self.milliseconds)

            def setup() -> None:
                program.reset()
                listener(next(done))

            return rounds.time(lambda: self.run(program), setup, self.rounds)

    def note_time(self, program: Program) -> None:
        """Record the best round, where rounds were timed: --benchmark-disable times none."""
        stats = self.benchmark.stats
        if stats is not None:
            self.note(**facts.of_timing(stats.stats.min, program, self.milliseconds))

    def rounds_s(self) -> float:
        """Seconds that the rounds took; where none are timed, what the first run or the compilation tells of them."""
        if self.benchmark.stats is not None:
            return float(self.benchmark.stats.stats.total)
        record = self.record
        return (record.compile_s or 0.0) if record.first_run_s is None else record.first_run_s * self.rounds

    def watched(self, seconds: float) -> ContextManager[Listener]:
        """What listens how far the rounds are, where they take long; the first run has told how many seconds."""
        if self.progress is None or seconds < WATCHED_S:
            return nullcontext(unseen)
        return self.progress(self.benchmark.name, self.rounds * self.milliseconds, seconds)

    def measure_energy(self, program: Program, meter: Meter) -> None:
        """Record the energy of runs by an open meter; each goes on where the last one ended."""

        rounds = Rounds(self.benchmark, observer_of(self.backend))
        measured = measure(
            meter, lambda: self.run(program), lambda count: rounds.window(lambda: self.run(program), count)
        )
        self.note(**rounds.facts())
        cell_steps = self.milliseconds * program.settings.steps_per_ms * program.network.cells
        self.note_time(program)
        self.note(**energy.of_energy(measured, cell_steps, self.milliseconds))

    def judge(self, run: Run) -> None:
        """Record the peak memory and the verdict on a run, then insist on it."""
        if self.outputs:
            keep(self.outputs, self.benchmark.fullname, run)
        if self._measured:  # before the oracle takes its own
            self.note(peak_memory_mb=memory.peak_mb())
        verdict = self.judged(run, self.network, self.stimulus, self.backend, self.rounds_s())
        self.note(**facts.of_verdict(verdict))
        assert verdict.word in (*RIGHT, UNDEFINED), verdict.explain()
