"""A row: a standard network on a backend, timed and judged, and the record that is kept of it."""

from __future__ import annotations

import time
from contextlib import nullcontext
from functools import lru_cache
from itertools import count
from typing import Callable

from model.checks import DTYPES
from model.coupling import refusal
from model.network import build, drive
from neurochip_bench.accuracy import RIGHT, UNDEFINED
from neurochip_bench.energy import measure
from neurochip_bench.keep import record
from neurochip_bench.keep.outputs import keep
from neurochip_bench.suite import energy, memory

MODEL_MS = 100  # of every timed run, as published
TOLD_S = 5.0  # rounds that take longer show how far they are
ROUNDS = 5  # the published figures are the minimum of five


@lru_cache(maxsize=2)
def standard_network(kernel, side, connected):
    """A standard network, rounded to float32, its stimulus, and the seconds it took to build."""
    start = time.perf_counter()
    network = build(kernel, side, connected)
    seconds = time.perf_counter() - start
    network = network.rounded()
    return network, drive(network, MODEL_MS), seconds


class Row:
    """A standard network on a backend; its record is what pytest-benchmark saves as `extra_info`."""

    milliseconds, rounds = MODEL_MS, ROUNDS
    progress: Callable | None = None  # `neurochip_bench.suite.progress.progress` of the session

    def __init__(self, benchmark, backend, kernel, side, connected, coupling, truths, outputs=None):
        self.benchmark, self.backend, self.coupling, self.truths = benchmark, backend, coupling, truths
        self.outputs = outputs  # the folder in which final states are kept, or None
        self.network, self.stimulus, build_s = self.standard(kernel, side, connected)
        self.record = benchmark.extra_info
        self.record.update(record.blank(self.network, backend, coupling), build_s=build_s)
        self.record["experiment"] = record.experiment(benchmark.name)
        benchmark.group = f"{benchmark.name.split('[')[0]} {kernel} {self.record['connectivity']}"
        self._measured = backend.program.here and memory.reset_peak()

    standard = staticmethod(standard_network)

    def refusal(self):
        """None, or why the coupling that was asked for does not fit this network."""
        if self.coupling is None:
            return None
        return self.backend.refuses(self.coupling) or refusal(
            self.coupling, self.network, DTYPES[self.backend.precision]
        )

    def prepare(self, **options):
        """A compiled program for the network."""
        return self.backend.prepare(self.network, self.coupling, **options)

    def measure(self):
        """Compile, run, time and judge; the last timed round is the one that is judged."""
        program = self.prepare()
        self.describe(program)
        self.warm_up(program)  # first touch of memory, and what a library still puts off
        self.judge(self.time(program))
        return program

    def describe(self, program):
        """Record what was prepared."""
        self.record.update(record.of_program(program, self.milliseconds))

    def run(self, program):
        """A run of the timed length."""
        return program.run(self.milliseconds, self.stimulus)

    def warm_up(self, program):
        """The first run, timed apart."""
        start = program.clock()
        self.run(program)
        self.record["first_run_s"] = program.clock() - start

    def time(self, program):
        """Time runs from the network's state, read back included, and return the last one."""
        seconds = (self.record["first_run_s"] or 0.0) * self.rounds
        with self.tells(seconds) as told:
            done = count(0, self.milliseconds)

            def setup():
                program.reset()
                told(next(done))

            run = self.benchmark.pedantic(self.run, args=(program,), setup=setup, rounds=self.rounds)
        if self.benchmark.stats is not None:  # None under --benchmark-disable
            self.record.update(record.of_timing(self.benchmark.stats.stats.min, program, self.milliseconds))
        return run

    def tells(self, seconds):
        """What hears how far the rounds are, where they take long; the first run has told how long."""
        if self.progress is None or seconds < TOLD_S:
            return nullcontext(lambda done: None)
        return self.progress(self.benchmark.name, self.rounds * self.milliseconds, seconds)

    def measure_energy(self, program, meter):
        """Record the energy of runs by an open meter; each goes on where the last one ended."""

        def repeat(count):
            self.benchmark.pedantic(self.run, args=(program,), rounds=count)

        measured = measure(meter, lambda: self.run(program), repeat)
        cell_steps = self.milliseconds * program.settings.steps_per_ms * program.network.cells
        self.record.update(record.of_timing(self.benchmark.stats.stats.min, program, self.milliseconds))
        self.record.update(energy.of_energy(measured, cell_steps, self.milliseconds))

    def judge(self, run):
        """Record the peak memory and the verdict on a run, then insist on it."""
        if self.outputs:
            keep(self.outputs, self.benchmark.fullname, run)
        if self._measured:  # before the oracle takes its own
            self.record["peak_memory_mb"] = memory.peak_mb()
        verdict = self.verdict(run)
        self.record.update(record.of_verdict(verdict))
        assert verdict.word in (*RIGHT, UNDEFINED), verdict.explain()

    def verdict(self, run):
        """The `Verdict` on a run from the network's start."""
        return self.truths.judge(run, self.network, self.stimulus)
