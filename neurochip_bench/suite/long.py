"""Rows of seconds of model time: run once, in pieces, their progress on the terminal, their traces kept."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext

import numpy as np

from model.kernels import KERNELS
from neurochip_bench.accuracy import judge
from neurochip_bench.accuracy.reference import References
from neurochip_bench.run import Run
from neurochip_bench.suite.row import Row
from neurochip_bench.suite.truth import FOLDER

LIMITS = "long.json"
PIECE_MS = 500
MEASURED_MS = 100  # the short piece that tells beforehand how long a run will take


class LongRow(Row):
    """A row whose run is long; `truths` are `LongTruths`, `limits` the yardsticks of its experiment."""

    rounds = 1

    def __init__(self, *arguments, milliseconds, stimulus, progress):
        super().__init__(*arguments)
        self.milliseconds, self.shown = milliseconds, progress
        self.stimulus = None if stimulus is None else stimulus[:milliseconds]
        self.limits = References(FOLDER).table(LIMITS)[self.record["experiment"]][str(milliseconds)]

    def tells(self, seconds):
        """Nothing: the run tells itself."""
        return nullcontext(lambda done: None)

    def warm_up(self, program):
        """The first run, and what a short piece says of how long all will take."""
        start = program.clock()
        program.run(MEASURED_MS)
        self.record["first_run_s"] = program.clock() - start
        self.record["estimated_s"] = estimate(program, self.milliseconds)

    def run(self, program):
        """The whole run in pieces."""
        with self.shown(self.benchmark.name, self.milliseconds, self.record.get("estimated_s")) as told:
            return in_pieces(program, self.milliseconds, self.stimulus, told)

    def truth(self):
        """The float64 run of the same protocol."""
        return self.truths.of(self.network, self.milliseconds, self.stimulus)

    def verdict(self, run):
        """The `Verdict` on the run by the yardsticks of its experiment."""
        return judge(run, self.truth(), KERNELS[self.network.kernel], self.limits)


def estimate(program, milliseconds):
    """Seconds that a run will take, by a short piece of it."""
    start = program.clock()
    program.run(MEASURED_MS)
    return (program.clock() - start) * milliseconds / MEASURED_MS


def in_pieces(program, milliseconds, stimulus, told):
    """A recorded run, which `told` hears of in model milliseconds done after each piece."""
    pieces = []
    for start in range(0, milliseconds, PIECE_MS):
        length = min(PIECE_MS, milliseconds - start)
        pieces.append(program.run(length, None if stimulus is None else stimulus[start : start + length]))
        told(start + length)
    return Run.joined(pieces)


def keep(folder, name, record, **arrays):
    """Write arrays as NAME.npz and what they are of as NAME.json, without pickles; returns the former's path."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = re.sub(r"[^\w.=-]+", "-", name).strip("-")
    path = folder / f"{plain}.npz"
    np.savez_compressed(path, **arrays)
    about = {key: record[key] for key in sorted(record) if record[key] is not None}
    path.with_suffix(".json").write_text(json.dumps(about, indent=1, allow_nan=False) + "\n")
    return path
