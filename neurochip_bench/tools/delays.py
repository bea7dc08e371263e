"""What delays cost, in Markdown, from a saved run of `pytest -m delays`."""

from __future__ import annotations

from typing import Iterable

from neurochip_bench.keep.markdown import table
from neurochip_bench.keep.ran_on import ran_on
from neurochip_bench.keep.record import Record
from neurochip_bench.keep.saved import SavedRow

HEAD = ("network", "cells", "backend", "form", "coupling", "verdict", "ns/cell/step")


def lines(rows: Iterable[SavedRow]) -> list[str]:
    """The Markdown table of the rows that have delays, in their order."""
    found = [words(row.record) for row in rows if row.record.experiment == "delays"]
    return table(HEAD, found, right=("cells", "ns/cell/step"))


def words(record: Record) -> tuple[object, ...]:
    """A row's cells under `HEAD`; a dash where nothing was timed."""
    time = record.ns_per_cell_step
    named = (record.model, f"{record.cells:,}", f"`{ran_on(record)}`", record.delay_form)
    ran = (record.coupling or record.form, record.verdict or "–")
    return (*named, *ran, "–" if time is None else f"{time:,.3g}")
