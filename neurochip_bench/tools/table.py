"""The fastest right row of each network of a saved run, in Markdown."""

from __future__ import annotations

from typing import Iterable

from neurochip_bench.accuracy import RIGHT
from neurochip_bench.keep import markdown
from neurochip_bench.keep.record import Record
from neurochip_bench.keep.saved import SavedRow, SavedRunError
from neurochip_bench.keep.words import STAND_IN, UNSTEADY

HEAD = ("model", "", "cells", "backend", "verdict", "compile s", "median ms", "real-time factor", "ns/cell/step")


def table(rows: Iterable[SavedRow]) -> list[str]:
    """The table of the fastest right row of each network, by medians over the rounds of `model_ms`."""
    ranked = fastest(rows)
    lines = markdown.table(HEAD, [cells(*found) for found in ranked], right=("cells", *HEAD[5:]))
    unsure = any(record.timing in UNSTEADY for record, _ in ranked)
    return [*lines, *(["", "~: noisy or contended, the time may be another's doing."] if unsure else [])]


def fastest(rows: Iterable[SavedRow]) -> list[tuple[Record, float]]:
    """(record, median in s) of the fastest timed row of each network that is right, in the order of the networks."""
    best: dict[tuple[object, ...], tuple[Record, float]] = {}
    for row in rows:
        record, median = row.record, (row.stats or {}).get("median")
        if median is None or record.rtf is None or record.device == STAND_IN or row.word not in RIGHT:
            continue
        network = (record.model, record.connectivity, record.cells, record.delay_max_ms, record.network_digest)
        if network not in best or median < best[network][1]:
            best[network] = record, median
    return list(best.values())


def cells(record: Record, median: float) -> tuple[object, ...]:
    """A row's cells under `HEAD`; raises SavedRunError where its record does not say how many steps were timed."""
    if not (record.cells and record.model_ms and record.dt_ms):
        raise SavedRunError(f"a row of {record.backend} was timed: expected its cells, model_ms and dt_ms")
    cell_steps = record.cells * record.model_ms / record.dt_ms
    numbers = (record.compile_s, 1e3 * median, median / (1e-3 * record.model_ms), 1e9 * median / cell_steps)
    model = f"{record.network}, {record.model}" if record.network else record.model
    words = (model, record.connectivity, f"{record.cells:,}", f"`{record.backend}`", record.verdict)
    unsure = " ~" if record.timing in UNSTEADY else ""
    compiled, *timed = (f"{number:.3g}" for number in numbers)
    return (*words, compiled, *(f"{time}{unsure}" for time in timed))
