"""One side of a comparison: its saved runs, one a process, and of each row what every process has."""

from __future__ import annotations

import math
from dataclasses import dataclass

from neurochip_bench.compare.accuracy import word_of, worst
from neurochip_bench.keep.record import Record
from neurochip_bench.keep.saved import SavedRow, SavedRun
from neurochip_bench.keep.saved_times import saved_at, seconds
from neurochip_bench.keep.words import CONTENDED

CPU = "cpu"  # the kind of a device whose work is the process's own CPU time


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
    def cpu_seconds(self) -> list[float]:
        """The CPU time of the same rounds, empty where some process does not tell it, or ran it on no CPU."""
        timed = [row.record for row in self.rows if seconds(row, "min") is not None]
        found = [record.cpu_s for record in timed if record.kind == CPU and record.cpu_s and record.cpu_s > 0.0]
        return found if len(found) == len(timed) else []

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


SAME_MEMORY = 1.1  # times as much: what the system keeps for itself changes with its version


@dataclass(frozen=True)
class Processor:
    """What a run's times depend on, as far as the run tells.

    vectors     the widest vector unit, as Linux calls it
    memory_gib  of the machine
    system      the kind of operating system, such as "Linux"
    os          the same with its version, which a machine may change
    threads     that were granted to a program, by a user whose machine remains the same
    """

    name: str | None
    cores: int | None
    vectors: str | None = None
    memory_gib: float | None = None
    system: str | None = None
    os: str | None = None
    threads: int | None = None

    def __str__(self) -> str:
        return f"{self.name or 'an unknown processor'}, {self.cores or 'unknown'} cores"

    def same(self, other: Processor) -> bool:
        """Whether two runs are of one machine: what one of them does not tell, but for name and cores, is the same."""
        told = ((self.vectors, other.vectors), (self.system, other.system))
        memory = sorted(size for size in (self.memory_gib, other.memory_gib) if size)
        return (
            (self.name, self.cores) == (other.name, other.cores)
            and all(None in pair or pair[0] == pair[1] for pair in told)
            and (len(memory) < 2 or memory[1] <= SAME_MEMORY * memory[0])
        )

    def beside(self, other: Processor) -> str:
        """In words, with what else is not as the other's."""
        pairs = zip(self._details(), other._details())
        return ", ".join([str(self), *(mine for mine, theirs in pairs if mine and mine != theirs)])

    def _details(self) -> tuple[str | None, ...]:
        memory = f"{self.memory_gib:.3g} GiB" if self.memory_gib else None
        return self.vectors, memory, self.os or self.system


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
    cores = run.machine.get("cores") or cpu.get("count")
    vectors, system, os = (_word(run.machine.get(key)) for key in ("vectors", "system", "os"))
    return Processor(
        name, cores, vectors, _size(run.machine.get("memory_gib")), system, os, _count(run.machine.get("threads"))
    )


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _size(value: object) -> float | None:
    return value if isinstance(value, float) and 0.0 < value < math.inf else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


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
