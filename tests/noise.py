"""Is a noisy machine noticed? Time rows on a quiet machine, then beside a planted load, and count which are told.

`python -m tests.noise FOLDER [PYTEST ARGUMENTS]` times them three times quiet and once loaded, saves that in a folder,
and prints the tables of docs/noise.md. What is there is not timed again. It exits with 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from statistics import quantiles
from typing import Iterator, Sequence

from neurochip_bench.keep.markdown import table
from neurochip_bench.keep.saved import SavedRow, load
from neurochip_bench.keep.saved_times import seconds
from neurochip_bench.keep.words import UNSTEADY
from tests.helpers.load import busy_cores
from tests.trials import ROOT

ROWS = ("tests/perf/test_run.py::test_run", "-m", "cpu", "--side", "4,9")
QUIET, LOADED = ("quiet-1", "quiet-2", "quiet-3"), ("loaded-1",)
SLOWED = 1.5  # times as long as on the quiet machine
LEAST_TOLD, MOST_ALARMS = 0.95, 0.02
READINGS = ("wait_share", "stolen_share", "throttled_share", "others_share", "scatter", "drift")


def timed(folder: Path, names: Sequence[str], arguments: Sequence[str]) -> list[SavedRow]:
    """The rows of some runs, which are made where the folder lacks them."""
    rows: list[SavedRow] = []
    for name in names:
        file = folder / f"{name}.json"
        if not file.exists():
            with busy_cores() if name in LOADED else nullcontext():
                command = [sys.executable, "-m", "pytest", *ROWS, *arguments, f"--benchmark-json={file}"]
                subprocess.run(command, cwd=ROOT, check=True)
        rows += [row for row in load(file).rows if row.record.timing is not None and seconds(row, "min")]
    return rows


def best(row: SavedRow) -> float:
    """Seconds of its best round."""
    return seconds(row, "min") or 0.0


def told(row: SavedRow) -> bool:
    """Whether it says that its time may be another's doing."""
    return row.record.timing in UNSTEADY


def share(rows: Sequence[SavedRow]) -> float:
    """The part of some rows that are told."""
    return sum(map(told, rows)) / len(rows) if rows else 0.0


def slowed(quiet: Sequence[SavedRow], loaded: Sequence[SavedRow]) -> list[SavedRow]:
    """The loaded rows that took at least `SLOWED` times as long as the best of the quiet ones of the same id."""
    alone: dict[str, float] = {}
    for row in quiet:
        alone[row.id] = min(best(row), alone.get(row.id, best(row)))
    return [row for row in loaded if row.id in alone and best(row) >= SLOWED * alone[row.id]]


def spread(rows: Sequence[SavedRow], reading: str) -> tuple[str, ...]:
    """The quantiles of a reading over rows: 5, 50, 95, 99.5 % and the largest."""
    found = sorted(abs(row.record[reading]) for row in rows if row.record[reading] is not None)
    if len(found) < 2:
        return ("",) * 5
    at = quantiles(found, n=200, method="inclusive")
    return tuple(f"{value:.3f}" for value in (at[9], at[99], at[189], at[198], found[-1]))


def lines(quiet: Sequence[SavedRow], loaded: Sequence[SavedRow], slow: Sequence[SavedRow]) -> Iterator[str]:
    """The Markdown tables."""
    groups = {"quiet": quiet, "loaded": loaded, f"loaded, slowed {SLOWED:g}-fold": slow}
    counts = []
    for name, rows in groups.items():
        again = sum((row.record.attempts or 0) > 1 for row in rows) / (len(rows) or 1)
        counts.append((name, len(rows), f"{share(rows):.1%}", f"{again:.1%}"))
    yield from table(("rows", "number", "told", "measured again"), counts)
    yield ""
    head = ("reading", "rows", "5 %", "50 %", "95 %", "99.5 %", "largest")
    found = [(reading, name, *spread(rows, reading)) for reading in READINGS for name, rows in groups.items()]
    yield from table(head, found)


def main() -> int:
    """Time what is not there, print the tables; 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.noise", description=__doc__)
    parser.add_argument("folder", type=Path)
    known, arguments = parser.parse_known_args()
    known.folder.mkdir(parents=True, exist_ok=True)
    quiet, loaded = (timed(known.folder.resolve(), names, arguments) for names in (QUIET, LOADED))
    slow = slowed(quiet, loaded)
    print("\n".join(lines(quiet, loaded, slow)))
    for row in (*filter(told, quiet), *(row for row in slow if not told(row))):
        print(f"{'false alarm' if told(row) else 'missed'}: {row.name}, {row.record.timing}")
    return int(not slow or share(slow) < LEAST_TOLD or share(quiet) > MOST_ALARMS)


if __name__ == "__main__":
    sys.exit(main())
