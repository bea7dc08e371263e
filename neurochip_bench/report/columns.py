"""Columns that several tables have, and how a column of rows becomes one of other things."""

from __future__ import annotations

from typing import Callable

from neurochip_bench.keep import distance
from neurochip_bench.keep.record import Record
from neurochip_bench.report.beside import Beside
from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures.setup import Setup
from neurochip_bench.report.figures.speedup import Speedup
from neurochip_bench.report.row import Row, Timed
from neurochip_bench.report.scaling import Scaled
from neurochip_bench.report.table import Column
from neurochip_bench.report.values import number, text

CELLS = Column[Row]("cells", lambda row: row.cells)
WHO = (
    Column[Row]("backend", lambda row: row.ran_on),
    Column[Row]("machine", lambda row: row.machine),
    Column[Row]("verdict", lambda row: row.verdict),
)
NETWORK = (
    Column[Row]("network", lambda row: row.network),
    Column[Row]("model", lambda row: row.model),
    Column[Row]("connectivity", lambda row: row.connectivity),
    CELLS,
)
TIMING = Column[Row]("timing", lambda row: text(row.record.timing))
MODEL_MS = Column[Row]("model ms", lambda row: number(row.record.model_ms))
PER_STEP = Column[Row]("ns/cell/step", lambda row: number(row.record.ns_per_cell_step))
RTF = Column[Timed]("wall s / model s", lambda timed: timed.rtf)


def distances(collected: Collected) -> tuple[Column[Timed], Column[Timed]]:
    """The columns of both distances: from the fastest right row of the machine, and from its floor."""
    fastest, floor = distance.HEADS
    return Column(fastest, collected.times_fastest), Column(floor, lambda timed: timed.times_floor)


def quantity(head: str, of: Callable[[Record], float | None]) -> Column[Row]:
    """A column of a number of the record."""
    return Column(head, lambda row: number(of(row.record)))


def deviation(span: str, quantile: str) -> Column[Row]:
    """The column of a quantile of the deviation over a span of a long run."""
    return quantity(f"{span} {quantile} mV", lambda record: record[f"{span}_{quantile}_mv"])


def of_row(column: Column[Row]) -> Column[Timed]:
    """A column of rows as one of timed rows."""
    return Column(column.head, lambda timed: column.value(timed.row))


def milliseconds(seconds: float | None) -> float | None:
    """Seconds in milliseconds."""
    return None if seconds is None else 1e3 * seconds


def of_setup(column: Column[Row]) -> Column[Setup]:
    """A column of rows as one of setup times."""
    return Column(column.head, lambda entry: column.value(entry.row))


def part_column(i: int, name: str) -> Column[Setup]:
    """The column of a part of the setup time."""
    return Column(f"{name} s", lambda entry: entry.parts[i])


def of_peer(column: Column[Row]) -> Column[Beside]:
    """A column of rows as one of peers' rows."""
    return Column(column.head, lambda entry: column.value(entry.peer.row))


def of_scaled(column: Column[Row]) -> Column[Scaled]:
    """A column of rows as one of rows over devices."""
    return Column(column.head, lambda entry: column.value(entry.timed.row))


def of_speedup(column: Column[Timed]) -> Column[Speedup]:
    """A column of timed rows as one of speedups."""
    return Column(column.head, lambda entry: column.value(entry.timed))
