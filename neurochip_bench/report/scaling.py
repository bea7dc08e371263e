"""How one network scales over devices: its lines, what would be ideal from which row, and the efficiency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from neurochip_bench.keep.ran_on import devices_of
from neurochip_bench.report.collected import Collected
from neurochip_bench.report.row import Row, Timed

STRONG, WEAK = "strong", "weak"


class Scales(NamedTuple):
    """What scales, whatever it is spread over; `cells` are those of a device in weak scaling."""

    experiment: str
    kind: str
    cells: int
    series: str

    @property
    def label(self) -> str:
        """What it is called in a legend."""
        return f"{self.series}, {self.cells:,} cells{' a device' if self.experiment == WEAK else ''}"


class Line(NamedTuple):
    """What a line is of: a network that scales, in one process, or in processes of so many devices each."""

    scales: Scales
    each: int | None

    @property
    def label(self) -> str:
        """What it is called in a legend."""
        return "one process" if self.each is None else f"processes of {counted(self.each, 'device')}"


@dataclass(frozen=True)
class Scaled:
    """A timed row over devices, of what line it is a point, and the row that ideal times begin at; None for none."""

    timed: Timed
    line: Line
    base: Timed | None

    @property
    def devices(self) -> int:
        """How many."""
        return devices_of(self.timed.row.record)

    @property
    def ideal(self) -> float | None:
        """The time if devices cost nothing: of strong scaling a part of the baseline's, of weak scaling the same."""
        if self.base is None:
            return None
        weak = self.line.scales.experiment == WEAK
        return self.base.rtf if weak else self.base.rtf * devices_of(self.base.row.record) / self.devices

    @property
    def efficiency(self) -> float | None:
        """The ideal time over that which it took."""
        return None if self.ideal is None else self.ideal / self.timed.rtf

    @property
    def baseline(self) -> str | None:
        """Over what the ideal begins, in words."""
        return None if self.base is None else spread(self.base)


def counted(number: int, thing: str) -> str:
    """So many of a thing, in words."""
    return f"{number:,} {thing}{'' if number == 1 else 'es' if thing.endswith('s') else 's'}"


def spread(timed: Timed) -> str:
    """Over what a row ran, in words."""
    devices, processes = over(timed)
    return f"{counted(devices, 'device')} in {counted(processes, 'process')}"


def over(timed: Timed) -> tuple[int, int]:
    """(devices, processes) of a row."""
    record = timed.row.record
    return devices_of(record), record.processes or 1


def line_of(timed: Timed) -> Line:
    """The line that a row is a point of."""
    row, (devices, processes) = timed.row, over(timed)
    cells = timed.cells // devices if row.experiment == WEAK else timed.cells
    coupling = f" {row.record.coupling}" if row.record.coupling else ""
    machine = f" · {row.machine.label}" if row.machine.label else ""
    scales = Scales(row.experiment, timed.kind.title, cells, f"{row.backend}{coupling}{machine}")
    return Line(scales, devices // processes if processes > 1 else None)


def scaled(collected: Collected) -> list[Scaled]:
    """A `Scaled` for each timed row of both experiments, by what scales, processes and devices."""
    rows: list[Row] = collected.of(STRONG, WEAK)
    by_network: dict[Scales, list[Timed]] = {}
    for timed in (row.timed for row in rows if row.timed is not None):
        by_network.setdefault(line_of(timed).scales, []).append(timed)
    found = []
    for points in by_network.values():
        points.sort(key=over)
        base = next((timed for timed in points if timed.row.right), None)
        entries = [Scaled(timed, line_of(timed), base) for timed in points]
        found += sorted(entries, key=lambda entry: entry.line.each or 0)
    return found
