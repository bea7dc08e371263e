"""The fastest right rows of each network of a saved run, in Markdown."""

from __future__ import annotations

from typing import Iterable

from neurochip_bench.keep import distance, markdown
from neurochip_bench.keep.ran_on import ran_on
from neurochip_bench.keep.record import Record
from neurochip_bench.keep.saved import SavedRun
from neurochip_bench.keep.words import FAILED, UNSTABLE, UNSTEADY

HEAD = ("model", "", "cells", "backend", "verdict", "compile s", "RTF", "ns/cell/step", *distance.HEADS)


def table(run: SavedRun) -> list[str]:
    """The table of the fastest right row of each network, by the best of its rounds, and of those that tie with it."""
    ranked = fastest(row.record for row in run.rows if row.word not in (FAILED, UNSTABLE))
    rows = [(*cells(record, ahead), distance.said(run.floor.times(record))) for record, ahead in ranked]
    lines = markdown.table(HEAD, rows, right=("cells", *HEAD[5:]))
    tied = [distance.TIED] if any(ahead > 1 for _, ahead in ranked) else []
    unsure = any(record.timing in UNSTEADY for record, _ in ranked)
    said = [*tied, *(["~: noisy or contended, the time may be another's doing."] if unsure else [])]
    return [*lines, *(line for sentence in said for line in ("", sentence))]


def fastest(records: Iterable[Record]) -> list[tuple[Record, float]]:
    """(record, its time over the fastest's) of the leaders of each network, in the order of the networks."""
    networks: dict[object, list[Record]] = {}
    for record in filter(distance.ranked, records):
        networks.setdefault(distance.network(record), []).append(record)
    leading = [distance.leading(rows) for rows in networks.values()]
    return [(record, distance.seconds(record) / distance.seconds(rows[0])) for rows in leading for record in rows]


def cells(record: Record, ahead: float) -> tuple[object, ...]:
    """A row's cells under `HEAD`, but for the last."""
    model = f"{record.network}, {record.model}" if record.network else record.model
    unsure = " ~" if record.timing in UNSTEADY else ""
    timed = (f"{distance.said(number)}{unsure}" for number in (record.rtf, record.ns_per_cell_step))
    words = (model, record.connectivity, f"{record.cells or 0:,}", f"`{ran_on(record)}`", record.verdict)
    return (*words, distance.said(record.compile_s), *timed, distance.said(ahead))
