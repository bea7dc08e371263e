"""From what a user names to a side: its files are found, read and pooled over processes."""

from __future__ import annotations

from collections import Counter
from glob import glob
from pathlib import Path
from typing import Sequence

from neurochip_bench.compare.errors import CompareError
from neurochip_bench.compare.repeat import STORAGE
from neurochip_bench.compare.side import Side, SideRow, processor_of
from neurochip_bench.keep.saved import SavedRow, SavedRun, SavedRunError, load


def find(argument: str) -> list[Path]:
    """The files that a side is: a file, a folder of them, `a.json,b.json`, a pattern, or a name in .benchmarks.

    A name is a folder that `--repeat --save` or `--interleave` made there, or a number as pytest-benchmark counts them.
    Raises CompareError where there are none, and where a number is several files.
    """
    return [path for part in argument.split(",") for path in _find(part.strip())]


def _find(part: str) -> list[Path]:
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


def _some(paths: list[Path], otherwise: str) -> list[Path]:
    if not paths:
        raise CompareError(f"{otherwise}: expected saved runs")
    return paths


def pool(paths: Sequence[Path]) -> Side:
    """The `Side` of some files.

    Raises CompareError where a file cannot be read or is named twice, and where processors differ.
    """
    if len({path.resolve() for path in paths}) < len(paths):
        raise CompareError(f"{', '.join(map(str, paths))}: expected each file once")
    try:
        runs = [load(path) for path in paths]
    except SavedRunError as error:
        raise CompareError(str(error)) from error
    first = processor_of(runs[0])
    for path, run in zip(paths, runs):
        other = processor_of(run)
        if not other.same(first):
            ran = f"{path} ran on {other.beside(first)}, {paths[0]} on {first.beside(other)}"
            raise CompareError(f"{ran}: expected one machine")
    return pooled(runs)


def pooled(runs: list[SavedRun]) -> Side:
    """The `Side` of some `SavedRun`s of one machine; raises CompareError where a row is not one.

    It is not where it ran several networks, or over the devices of one process here and of several there.
    """
    rows: dict[str, list[SavedRow]] = {}
    for run in runs:
        for row in run.rows:
            rows.setdefault(row.id, []).append(row)
    for key, found in rows.items():
        digests = {row.record.network_digest for row in found if row.reason is None}
        if len(digests) > 1:
            raise CompareError(f"{key} ran networks of digests {', '.join(sorted(map(str, digests)))}: expected one")
        processes = {row.record.processes or 1 for row in found if row.reason is None}
        if len(processes) > 1:
            raise CompareError(f"{key} ran in {' and in '.join(map(str, sorted(processes)))} processes: expected one")
    have = Counter(key for run in runs for key in {row.id for row in run.rows})
    return Side(runs, {key: SideRow(key, found[0].name, found, have[key] / len(runs)) for key, found in rows.items()})
