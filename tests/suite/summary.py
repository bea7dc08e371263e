"""The table at the end: per model, connectivity and size the fastest backend that is right."""

from __future__ import annotations

import io

from rich import box
from rich.console import Console
from rich.table import Table

from model.accuracy import RIGHT


def lines(records, width):
    """The lines of the summary of the records of a session's timed or judged rows."""
    timed = [r for r in records if r["rtf"] is not None]
    right = [r for r in timed if r["verdict"] in RIGHT]
    wrong = [r for r in records if r["verdict"] not in RIGHT]
    judged = [r for r in records if r["verdict"] in RIGHT]
    parts = [render(fastest(right), width), *real_time(right)] if right else []
    if not timed:
        parts.append(f"{len(judged)} of {len(records)} rows are right; nothing was timed.")
    if wrong:
        parts += ["Not right, not ranked:", *(f"  {r['verdict']}: {label(r)}" for r in wrong)]
    return [line for part in parts for line in part.splitlines()]


def label(record):
    """What a row ran, in words."""
    coupling = f" ({record['coupling']})" if record["coupling"] else ""
    return f"{record['model']} {record['connectivity']} {record['cells']:,} cells on {record['backend']}{coupling}"


def groups(records):
    """Records by (model, connectivity), then by cells, in the order they came."""
    result: dict = {}
    for record in records:
        by_cells = result.setdefault((record["model"], record["connectivity"]), {})
        by_cells.setdefault(record["cells"], []).append(record)
    return result


def fastest(records):
    """The table of the fastest right rows."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("model", "", "cells", "fastest right backend", "verdict", "real-time factor", "ns/cell/step"):
        right = name in ("cells", "real-time factor", "ns/cell/step")
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    for (model, connectivity), by_cells in groups(records).items():
        for cells, rows in sorted(by_cells.items()):
            best = min(rows, key=lambda r: r["rtf"])
            numbers = (f"{best['rtf']:.3g}", f"{best['ns_per_cell_step']:.3g}")
            table.add_row(model, connectivity, f"{cells:,}", best["backend"], best["verdict"], *numbers)
        table.add_section()
    return table


def real_time(records):
    """One line a model and connectivity: the largest right network that runs in real time."""
    yield "Largest network that is right and runs in real time (real-time factor = wall s / model s, below 1):"
    for (model, connectivity), by_cells in groups(records).items():
        best = {cells: min(rows, key=lambda r: r["rtf"]) for cells, rows in by_cells.items()}
        fits = [cells for cells, record in best.items() if record["rtf"] <= 1.0]
        answer = f"{max(fits):,} cells, {best[max(fits)]['backend']}" if fits else "none of the sizes run"
        yield f"  {model} {connectivity}: {answer}"


def render(table, width):
    """A table as text without colours."""
    text = io.StringIO()
    Console(file=text, width=width, color_system=None).print(table)
    return text.getvalue()
