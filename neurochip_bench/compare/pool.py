"""Saved runs of one side, pooled over processes: per row the seconds, the words and the record of each."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from neurochip_bench.compare.accuracy import word_of, worst
from neurochip_bench.compare.errors import CompareError
from neurochip_bench.compare.repeat import STORAGE
from neurochip_bench.keep.saved import SavedRow, SavedRun, SavedRunError, load


@dataclass(frozen=True)
class PooledRow:
    """A row as the processes of one side have it, those that failed too."""

    id: str
    name: str
    rows: list[SavedRow]
    share: float  # of the side's processes that have it

    @property
    def record(self):
        """The record of the first process in which the row finished, else of the first."""
        return next((row for row in self.rows if row.reason is None), self.rows[0]).record

    @property
    def experiment(self):
        """What was done: runs saved before records said so have it in the test's name."""
        return self.record["experiment"] or self.name.split("[")[0].replace("test_", "", 1)

    @property
    def word(self):
        """The worst verdict of the processes, or "failed"."""
        return worst(word_of(row) for row in self.rows)

    @property
    def reason(self):
        """None, or why the row did not finish in some process."""
        return next((row.reason for row in self.rows if row.reason), None)

    @property
    def seconds(self):
        """The best round of each process that has one, in seconds."""
        return [t for t in (seconds(row.stats, "min") for row in self.rows) if t is not None]

    @property
    def spread(self):
        """How far the rounds of a process stray: the log of its median to its best round, the largest of all."""
        pairs = ((seconds(row.stats, "min"), seconds(row.stats, "median")) for row in self.rows)
        return max((math.log(middle / best) for best, middle in pairs if best and middle), default=0.0)


@dataclass(frozen=True)
class Pool:
    """One side of a comparison: its runs, and its rows by id."""

    runs: list[SavedRun]
    rows: dict[str, PooledRow]

    @property
    def machine(self):
        """Where it ran, by what a time depends on; None where a run does not tell."""
        info = self.runs[0].machine
        cpu = info.get("cpu")
        cpu = cpu if isinstance(cpu, dict) else {}
        name = info.get("processor_name") or cpu.get("brand_raw") or info.get("machine")
        return {"processor": name, "cores": info.get("cores") or cpu.get("count")}


def seconds(stats, key):
    """A time of pytest-benchmark's statistics, or None: a damaged file may hold anything there."""
    value = (stats or {}).get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 1e-15 < value < 1e15 else None


def find(argument):
    """The files that a side is: a file, a folder of them, `a.json,b.json`, a pattern, or a name in .benchmarks.

    A name is a folder that `--repeat --save` or `--interleave` made there, or a number as pytest-benchmark counts them.
    """
    return [path for part in argument.split(",") for path in _find(part.strip())]


def _find(part):
    for path in (Path(part), STORAGE / part):
        if path.is_file():
            return [path]
        if path.is_dir():
            return _some(sorted(path.glob("*.json"), key=lambda p: (len(p.name), p.name)), f"{path} holds no *.json")
    if any(sign in part for sign in "*?["):
        return _some([Path(p) for p in sorted(glob(part, recursive=True))], f"no file matches {part}")
    found = sorted(STORAGE.glob(f"*/{part}_*.json")) if part.isdecimal() else []
    if len(found) > 1:
        raise CompareError(f"{part} is {', '.join(map(str, found))}: expected one, name the file")
    return _some(found, f"{part}: no such file or folder, nor one in {STORAGE}")


def _some(paths, otherwise):
    if not paths:
        raise CompareError(f"{otherwise}: expected saved runs")
    return paths


def pool(paths):
    """The `Pool` of some files.

    Raises CompareError where a file cannot be read, is named twice or holds no rows, and where machines differ.
    """
    if len({path.resolve() for path in paths}) < len(paths):
        raise CompareError(f"{', '.join(map(str, paths))}: expected each file once")
    try:
        runs = [load(path) for path in paths]
    except SavedRunError as error:
        raise CompareError(str(error)) from error
    machines = [Pool([run], {}).machine for run in runs]
    for path, machine in zip(paths, machines):
        if machine != machines[0]:
            raise CompareError(
                f"{path} ran on {words(machine)}, {paths[0]} on {words(machines[0])}: expected one machine"
            )
    return pooled(runs)


def pooled(runs):
    """The `Pool` of some `SavedRun`s of one machine."""
    rows: dict[str, list[SavedRow]] = {}
    for run in runs:
        for row in run.rows:
            rows.setdefault(row.id, []).append(row)
    have = Counter(key for run in runs for key in {row.id for row in run.rows})
    by_id = {key: PooledRow(key, found[0].name, found, have[key] / len(runs)) for key, found in rows.items()}
    return Pool(runs, by_id)


def words(machine):
    """A machine in words."""
    return f"{machine['processor'] or 'an unknown processor'}, {machine['cores'] or 'unknown'} cores"


def alternated(base, new):
    """Whether the processes of two sides took turns, so that a drift of the machine met both alike."""
    times = [(moment(run), side) for side, runs in enumerate((base.runs, new.runs)) for run in runs]
    if min(len(base.runs), len(new.runs)) < 2 or any(time is None for time, _ in times):
        return False
    order = [side for _, side in sorted(times)]
    places = [[i for i, side in enumerate(order) if side == which] for which in (0, 1)]
    middle = [sum(found) / len(found) for found in places]
    return abs(middle[0] - middle[1]) <= 1  # 0 for ABBA, 1 for ABAB, 9 for nine after nine


def moment(run):
    """When a run was saved, or None where it does not tell."""
    try:
        return datetime.datetime.fromisoformat(run.datetime).timestamp()
    except (TypeError, ValueError, OverflowError, OSError):  # such as a date in the year 1
        return None
