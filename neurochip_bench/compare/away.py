"""How far the rows of a side are from the fastest that is right, and from what their machine needs at least."""

from __future__ import annotations

from statistics import median
from typing import Sequence

from msgspec.structs import replace

from neurochip_bench.accuracy.verdict import RIGHT
from neurochip_bench.compare.side import Side, SideRow
from neurochip_bench.keep import distance
from neurochip_bench.keep.floor import Floor
from neurochip_bench.keep.record import Record


def away(side: Side) -> dict[str, tuple[str, str]]:
    """Both distances, as they are shown, of each row of a side that is right, by its id."""
    records = {key: pooled(row) for key, row in side.rows.items() if row.word in RIGHT}
    best = distance.fastest(records.values())
    floor = Floor()
    for run in side.runs:
        floor = floor.also(run.floor)
    return {
        key: words(distance.seconds(record) / best[distance.network(record)], floor.times(record))
        for key, record in records.items()
        if distance.ranked(record)
    }


def words(fastest: float, floor: float | None) -> tuple[str, str]:
    """Two distances as they are shown."""
    return distance.said(fastest), distance.said(floor)


def pooled(row: SideRow) -> Record:
    """A row's record, its times the medians over the processes."""
    records = [saved.record for saved in row.rows]
    rtf, ns = (middle([record[name] for record in records]) for name in ("rtf", "ns_per_cell_step"))
    return replace(row.record, rtf=rtf, ns_per_cell_step=ns)


def middle(values: Sequence[float | None]) -> float | None:
    """The median of those that are known."""
    known = [value for value in values if value is not None]
    return median(known) if known else None
