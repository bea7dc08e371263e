"""What delays cost, in Markdown, from a saved run of `pytest -m delays`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from neurochip_bench.keep.saved import SavedRow

HEAD = ("network", "cells", "backend", "form", "coupling", "verdict", "ns/cell/step")


def lines(rows: Iterable[SavedRow]) -> Iterator[str]:
    """The Markdown table of the rows that have delays, in their order."""
    yield f"| {' | '.join(HEAD)} |"
    yield "|---|--:|---|---|---|---|--:|"
    for row in rows:
        if row.record["experiment"] == "delays":
            yield "| " + " | ".join(words(row)) + " |"


def words(row: SavedRow) -> tuple[str, ...]:
    """A row's cells; a dash where nothing was timed."""
    record = row.record
    time = record["ns_per_cell_step"]
    named = (record["model"], f"{record['cells']:,}", f"`{record['backend']}`", record["delay_form"])
    return (
        *named,
        record["coupling"] or record["form"],
        record["verdict"] or "–",
        "–" if time is None else f"{time:,.3g}",
    )
