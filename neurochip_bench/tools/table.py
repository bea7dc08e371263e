"""The fastest right row of each network of a saved run, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from neurochip_bench.accuracy import RIGHT
from neurochip_bench.keep.record import STAND_IN
from neurochip_bench.keep.saved import SavedRow

HEAD = ("model", "", "cells", "backend", "verdict", "compile s", "median ms", "real-time factor", "ns/cell/step")


def table(rows: Iterable[SavedRow]) -> list[str]:
    """The Markdown lines of the fastest right row of each network, by medians over the rounds of `model_ms`."""
    lines = ["| " + " | ".join(HEAD) + " |", "|---|---|--:|---|---|--:|--:|--:|--:|"]
    return lines + [line(row) for row in fastest(rows)]


def fastest(rows: Iterable[SavedRow]) -> list[SavedRow]:
    """The fastest timed row of each network that is right, in the order of the networks."""
    best: dict[tuple[object, ...], SavedRow] = {}
    for row in rows:
        record = row.record
        if not row.stats or record["rtf"] is None or record["device"] == STAND_IN or record["verdict"] not in RIGHT:
            continue
        network = (record["model"], record["connectivity"], record["cells"], record.get("delay_max_ms"))
        if network not in best or median(row) < median(best[network]):
            best[network] = row
    return list(best.values())


def median(row: SavedRow) -> float:
    """Seconds of its median round."""
    return float((row.stats or {})["median"])


def line(row: SavedRow) -> str:
    """A row in Markdown."""
    record, seconds = row.record, median(row)
    cell_steps = record["cells"] * record["model_ms"] / record["dt_ms"]
    numbers = (record["compile_s"], 1e3 * seconds, seconds / (1e-3 * record["model_ms"]), 1e9 * seconds / cell_steps)
    words = (record["model"], record["connectivity"], f"{record['cells']:,}", f"`{record['backend']}`")
    return "| " + " | ".join([*words, record["verdict"], *(f"{number:.3g}" for number in numbers)]) + " |"
