"""One side of a comparison: its saved runs, one a process, and of each row what every process has."""

from __future__ import annotations

import math
from dataclasses import dataclass

from neurochip_bench.compare.accuracy import word_of, worst
from neurochip_bench.keep.record import Record
from neurochip_bench.keep.saved import SavedRow, SavedRun
from neurochip_bench.keep.times import saved_at, seconds
from neurochip_bench.keep.words import CONTENDED


@dataclass(frozen=True)
class SideRow:
    """A row as the processes of one side have it, those that failed too."""

    id: str
    name: str
    rows: list[SavedRow]
    share: float  # of the side's processes that have it

    @property
    def told(self) -> SavedRow:
        """The row of the first process in which it finished, else of the first."""
        return next((row for row in self.rows if row.reason is None), self.rows[0])

    @property
    def record(self) -> Record:
        """What the row says of itself."""
        return self.told.record

    @property
    def experiment(self) -> str:
        """What the row is part of."""
        return self.told.experiment

    @property
    def word(self) -> str:
        """The worst verdict of the processes, or "failed"."""
        return worst(word_of(row) for row in self.rows)

    @property
    def reason(self) -> str | None:
        """None, or why the row did not finish in some process."""
        return next((row.reason for row in self.rows if row.reason), None)

    @property
    def seconds(self) -> list[float]:
        """The best round of each process that has one, in seconds."""
        return [t for t in (seconds(row, "min") for row in self.rows) if t is not None]

    @property
    def contended(self) -> bool:
        """Whether others had the cores in every process that timed the row."""
        timed = [row.record.timing for row in self.rows if seconds(row, "min") is not None]
        return bool(timed) and all(timing == CONTENDED for timing in timed)

    @property
    def spread(self) -> float:
        """How far the rounds of a process stray: the log of its median to its best round, the largest of all."""
        pairs = ((seconds(row, "min"), seconds(row, "median")) for row in self.rows)
        return max((math.log(middle / best) for best, middle in pairs if best and middle), default=0.0)


@dataclass(frozen=True)
class Processor:
    """What a run's times depend on, as far as the run tells."""

    name: str | None
    cores: int | None

    def __str__(self) -> str:
        return f"{self.name or 'an unknown processor'}, {self.cores or 'unknown'} cores"


@dataclass(frozen=True)
class Side:
    """One side of a comparison: its runs, and its rows by id."""

    runs: list[SavedRun]
    rows: dict[str, SideRow]

    @property
    def processor(self) -> Processor:
        """Where all of its runs ran."""
        return processor_of(self.runs[0])


def processor_of(run: SavedRun) -> Processor:
    """The `Processor` of a run."""
    cpu = run.machine.get("cpu")
    cpu = cpu if isinstance(cpu, dict) else {}
    name = run.machine.get("processor_name") or cpu.get("brand_raw") or run.machine.get("machine")
    return Processor(name, run.machine.get("cores") or cpu.get("count"))


def alternated(base: Side, new: Side) -> bool:
    """Whether the processes of two sides took turns, so that a drift of the machine met both alike."""
    runs = [(saved_at(run), side) for side, of_it in enumerate((base.runs, new.runs)) for run in of_it]
    times = [(time, side) for time, side in runs if time is not None]
    if min(len(base.runs), len(new.runs)) < 2 or len(times) < len(runs):
        return False
    order = [side for _, side in sorted(times)]
    places = [[i for i, side in enumerate(order) if side == which] for which in (0, 1)]
    middle = [sum(found) / len(found) for found in places]
    return abs(middle[0] - middle[1]) <= 1  # 0 for ABBA, 1 for ABAB, 9 for nine after nine
