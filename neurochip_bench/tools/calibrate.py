"""How often a comparison cries wolf, and what it finds, by runs of identical code.

Of two processes that ran one after the other one is put on each side at random, again and again, as if the sides had
taken turns; they are then compared as the command does. Whatever is called there is a false alarm. The same with the
times of one backend's runs on one side made longer.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from dataclasses import replace

import numpy as np

from neurochip_bench.compare.comparison import compare
from neurochip_bench.compare.pool import find, pool, pooled
from neurochip_bench.compare.speed import FASTER, SLOWER
from neurochip_bench.keep.markdown import table

TRIALS = 200
PROCESSES = (1, 5, 9)


def slowed(run, backend, factor):
    """A saved run in which a backend takes `factor` times as long."""
    rows = []
    for row in run.rows:
        if row.record["backend"] == backend and row.stats:
            row = replace(row, stats={**row.stats, **{key: factor * row.stats[key] for key in ("min", "median")}})
        rows.append(row)
    return replace(run, rows=rows)


def split(rng, runs, count, backend=None, factor=1.0):
    """The comparison of two sides of so many processes, at random; a backend is slowed on the new one."""
    first = 2 * rng.permutation(len(runs) // 2)[:count]
    coin = rng.integers(2, size=count)
    old = [runs[i + which] for i, which in zip(first, coin)]
    new = [slowed(runs[i + 1 - which], backend, factor) for i, which in zip(first, coin)]
    return compare(pooled(old), pooled(new))


def alarms(rng, runs, count):
    """Shares of rows and of backends of identical code that are called faster or slower."""
    words: tuple = (Counter(), Counter())
    for _ in range(TRIALS):
        found = split(rng, runs, count)
        for counter, entries in zip(words, (found.rows, found.wholes)):
            counter.update(entry.word in (SLOWER, FASTER) for entry in entries)
    return [counter[True] / counter.total() for counter in words]


def detections(rng, runs, count, factor):
    """Shares of rows, of backends and of trials in which anything was found, of one backend that is slowed."""
    names = sorted({row.record["backend"] for row in runs[0].rows})
    rows, backends, trials = [], [], []
    for _ in range(TRIALS):
        backend = names[rng.integers(len(names))]
        found = split(rng, runs, count, backend, factor)
        called = [row.word == SLOWER for row in found.rows if row.pair.row.record["backend"] == backend]
        whole = [entry.word == SLOWER for entry in found.wholes if entry.backend == backend]
        rows += called
        backends += whole
        trials.append(any(called + whole))
    return [sum(found) / len(found) for found in (rows, backends, trials)]


def scatter(runs):
    """The median over rows of the standard deviation of the log of a process's best round."""
    logs: dict = {}
    for run in runs:
        for row in run.rows:
            logs.setdefault(row.id, []).append(math.log(row.stats["min"]))
    return float(np.median([np.std(found, ddof=1) for found in logs.values()]))


def lines(runs, factor):
    """The Markdown table."""
    rng, runs = np.random.default_rng(42), sorted(runs, key=lambda run: run.datetime)
    yield f"{len(runs)} processes of {len(runs[0].rows)} rows; the log of a time varies by {scatter(runs):.2f} (median)"
    yield ""
    slower = f"rows {factor:g} × slower found"
    head = ("a side", "rows called", "backends called", slower, "backends found", "found at all")
    rows = []
    for count in PROCESSES:
        if 2 * count <= len(runs):
            shares = [*alarms(rng, runs, count), *detections(rng, runs, count, factor)]
            rows.append((count, *(f"{100 * share:.1f} %" for share in shares)))
    yield from table(head, rows, right=head)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m neurochip_bench.tools.calibrate", description=__doc__)
    parser.add_argument("folders", nargs="+", help="of saved runs of identical code")
    parser.add_argument("--factor", type=float, default=1.3, help="of the planted slowdown (default: 1.3)")
    options = parser.parse_args()
    print("\n".join(lines(pool([path for folder in options.folders for path in find(folder)]).runs, options.factor)))
