"""The rows of a folder of saved runs over time, a series for each on a machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterable, Sequence

from neurochip_bench.compare.side import Processor, processor_of
from neurochip_bench.keep.saved import SavedRun, SavedRunError, load
from neurochip_bench.keep.saved_times import saved_at
from neurochip_bench.keep.words import CONTENDED, TRACES
from neurochip_bench.report.machines import LABELS, Machine
from neurochip_bench.report.origin import age, commit
from neurochip_bench.report.row import Row
from neurochip_bench.report.values import text


@dataclass(frozen=True)
class Point:
    """A row in one of the runs; `seconds` of its best round are None where it has no time that says something."""

    row: Row
    seconds: float | None

    @property
    def run(self) -> int:
        """Which of the runs, the oldest first."""
        return self.row.run

    @property
    def counts(self) -> bool:
        """Whether its time is held against others: the result is right, and nobody else had the cores."""
        return self.seconds is not None and self.row.right and self.row.record.timing != CONTENDED


@dataclass(frozen=True)
class Series:
    """A row of the same id on one machine and device over the runs that have it, the oldest first."""

    id: str
    machine: Machine
    points: list[Point]

    @property
    def key(self) -> str:
        """Its id, which is that of no other series on its machine."""
        return " ".join([self.id, *(str(part) for part in kind(self.last) if part is not None)])

    @property
    def last(self) -> Row:
        """The row as it is now."""
        return self.points[-1].row

    @property
    def counted(self) -> list[Point]:
        """The points whose times are held against each other."""
        return [point for point in self.points if point.counts]


@dataclass(frozen=True)
class History:
    """Runs by their dates, the machine of each, and the series of their rows; a sentence for each file left out."""

    runs: list[SavedRun]
    machine_of: list[Machine]
    series: list[Series]
    troubles: list[str] = field(default_factory=list)

    @property
    def machines(self) -> list[Machine]:
        """The machines, each once."""
        return list(dict.fromkeys(self.machine_of))

    def code(self, run: int) -> str:
        """A run's commit in words."""
        return f"commit {commit(self.runs[run]) or 'unknown'}"

    def date(self, run: int) -> str:
        """A run's date."""
        return f"{age(self.runs[run]):%Y-%m-%d %H:%M}"


def read(folder: Path) -> History:
    """The `History` of all saved runs below a folder that say when they ran; beside them lie traces of their rows."""
    runs: list[SavedRun] = []
    troubles = []
    for path in sorted(found for found in folder.rglob("*.json") if TRACES not in found.relative_to(folder).parts):
        try:
            run = load(path)
        except SavedRunError as error:
            troubles.append(str(error))
            continue
        if saved_at(run) is None:
            troubles.append(f"{path}: says no date: left out")
        else:
            runs.append(run)
    runs.sort(key=age)
    machines = machines_of(runs)
    return History(runs, machines, series_of(runs, machines), troubles)


def machines_of(runs: Sequence[SavedRun]) -> list[Machine]:
    """The `Machine` of each run, told apart as a comparison does: a hosted runner has another name each night."""
    kinds: list[Processor] = []
    found = []
    for run in runs:
        processor = processor_of(run)
        number = next((i for i, kind in enumerate(kinds) if kind.same(processor)), len(kinds))
        kinds += [processor] if number == len(kinds) else []
        found.append(number)
    labels = [LABELS[i % len(LABELS)] if len(kinds) > 1 else "" for i in range(len(kinds))]
    machines = [Machine(label, text(str(kind)) or "?") for label, kind in zip(labels, kinds)]
    return [machines[number] for number in found]


def series_of(runs: Sequence[SavedRun], machines: Sequence[Machine]) -> list[Series]:
    """The series of all rows whose times say something, in the order in which they came."""
    found: dict[tuple[object, ...], list[Point]] = {}
    for i, (run, machine) in enumerate(zip(runs, machines)):
        for row in (Row(saved, machine, i) for saved in run.rows):
            if row.real:
                key = (row.saved.id, machine, *kind(row))
                found.setdefault(key, []).append(Point(row, row.seconds("min") if row.saved.reason is None else None))
    return [Series(points[0].row.saved.id, points[0].row.machine, points) for points in whole(found.values())]


def kind(row: Row) -> tuple[object, ...]:
    """What tells rows of one id on a machine apart: where they ran, and which network of one's own."""
    return row.record.device, row.record.processes, row.record.network_digest


def whole(series: Iterable[list[Point]]) -> Iterable[list[Point]]:
    """Those of which there is a time at all."""
    return (points for points in series if any(point.seconds for point in points))
