"""What delays cost, in Markdown, from a saved run of `pytest -m delays`."""

from __future__ import annotations

import sys

from neurochip_bench.keep.saved import load

HEAD = ("network", "cells", "backend", "form", "coupling", "verdict", "ns/cell/step")


def lines(rows):
    """The Markdown table of the rows that have delays, in their order."""
    yield f"| {' | '.join(HEAD)} |"
    yield "|---|--:|---|---|---|---|--:|"
    for row in rows:
        if row.record["experiment"] == "delays":
            yield "| " + " | ".join(map(str, words(row))) + " |"


def words(row):
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


if __name__ == "__main__":
    for path in sys.argv[1:]:
        print("\n".join(lines(load(path).rows)))
