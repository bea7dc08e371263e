"""How often a comparison cries wolf, and what it finds, by runs of identical code.

Of two processes that ran one after the other one is put on each side at random, again and again, as if the sides had
taken turns; they are then compared as the command does. Whatever is called there is a false alarm. The same with the
times of one backend's runs on one side made longer.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from neurochip_bench.compare.comparison import Comparison, compare
from neurochip_bench.compare.pool import pooled
from neurochip_bench.compare.speed import FASTER, SLOWER
from neurochip_bench.keep.markdown import table
from neurochip_bench.keep.saved import SavedRun

TRIALS = 200
PROCESSES = (1, 5, 9)


def slowed(run: SavedRun, backend: str | None, factor: float) -> SavedRun:
    """A saved run in which a backend takes `factor` times as long."""
    rows = []
    for row in run.rows:
        if row.record["backend"] == backend and row.stats:
            row = replace(row, stats={**row.stats, **{key: factor * row.stats[key] for key in ("min", "median")}})
        rows.append(row)
    return replace(run, rows=rows)


def split(
    rng: np.random.Generator, runs: Sequence[SavedRun], count: int, backend: str | None = None, factor: float = 1.0
) -> Comparison:
    """The comparison of two sides of so many processes, at random; a backend is slowed on the new one."""
    first = 2 * rng.permutation(len(runs) // 2)[:count]
    coin = rng.integers(2, size=count)
    old = [runs[i + which] for i, which in zip(first, coin)]
    new = [slowed(runs[i + 1 - which], backend, factor) for i, which in zip(first, coin)]
    return compare(pooled(old), pooled(new))


def alarms(rng: np.random.Generator, runs: Sequence[SavedRun], count: int) -> list[float]:
    """Shares of rows and of backends of identical code that are called faster or slower."""
    rows: list[bool] = []
    wholes: list[bool] = []
    for _ in range(TRIALS):
        found = split(rng, runs, count)
        rows += (row.word in (SLOWER, FASTER) for row in found.rows)
        wholes += (whole.word in (SLOWER, FASTER) for whole in found.wholes)
    return [share(rows), share(wholes)]


def detections(rng: np.random.Generator, runs: Sequence[SavedRun], count: int, factor: float) -> list[float]:
    """Shares of rows, of backends and of trials in which anything was found, of one backend that is slowed."""
    names = sorted({row.record["backend"] for row in runs[0].rows})
    rows: list[bool] = []
    backends: list[bool] = []
    trials: list[bool] = []
    for _ in range(TRIALS):
        backend = names[rng.integers(len(names))]
        found = split(rng, runs, count, backend, factor)
        called = [row.word == SLOWER for row in found.rows if row.pair.row.record["backend"] == backend]
        whole = [entry.word == SLOWER for entry in found.wholes if entry.backend == backend]
        rows += called
        backends += whole
        trials.append(any(called + whole))
    return [share(rows), share(backends), share(trials)]


def share(called: Sequence[bool]) -> float:
    """How many of them are true; NaN where there are none, as of backends that have a single row."""
    return sum(called) / len(called) if called else math.nan


def percent(found: float) -> str:
    """A share in a table; a dash for that of none."""
    return "–" if math.isnan(found) else f"{100 * found:.1f} %"


def scatter(runs: Sequence[SavedRun]) -> float:
    """The median over rows of the standard deviation of the log of a process's best round."""
    logs: dict[str, list[float]] = {}
    for run in runs:
        for row in run.rows:
            if row.stats:
                logs.setdefault(row.id, []).append(math.log(row.stats["min"]))
    return float(np.median([np.std(found, ddof=1) for found in logs.values()]))


def lines(runs: Sequence[SavedRun], factor: float) -> Iterator[str]:
    """The Markdown table of saved runs of identical code, at least two."""
    rng, runs = np.random.default_rng(42), sorted(runs, key=lambda run: str(run.datetime))
    yield f"{len(runs)} processes of {len(runs[0].rows)} rows; the log of a time varies by {scatter(runs):.2f} (median)"
    yield ""
    slower = f"rows {factor:g} × slower found"
    head = ("a side", "rows called", "backends called", slower, "backends found", "found at all")
    rows = []
    for count in PROCESSES:
        if 2 * count <= len(runs):
            shares = [*alarms(rng, runs, count), *detections(rng, runs, count, factor)]
            rows.append((count, *map(percent, shares)))
    yield from table(head, rows, right=head)
