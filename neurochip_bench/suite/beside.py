"""The table at the end of a session with peers: they stand beside the compilers, and are never ranked among them."""

from __future__ import annotations

from typing import Iterator, Sequence

from rich import box
from rich.table import Table

from neurochip_bench.accuracy import RIGHT
from neurochip_bench.keep.distance import seconds
from neurochip_bench.keep.ran_on import ran_on
from neurochip_bench.keep.record import Record
from neurochip_bench.keep.words import PEERS
from neurochip_bench.suite.summary import label, network_of, render, worst

HEADS = ("network", "cells", "peer", "verdict", "ns/cell/step", "fastest right backend", "ns/cell/step", "times faster")


def apart(records: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """(records of backends, records of peers)."""
    peers = [record for record in records if record.experiment == PEERS]
    return [record for record in records if record.experiment != PEERS], peers


def lines(peers: Sequence[Record], backends: Sequence[Record], width: int) -> Iterator[str]:
    """The lines of the table, with the peers that are not right below it."""
    best: dict[tuple[str, int | None], Record] = {}
    for record in backends:
        key = network_of(record), record.cells
        if record.verdict in RIGHT and record.rtf is not None and seconds(record) < seconds(best.get(key, Record())):
            best[key] = record
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, name in enumerate(HEADS):
        table.add_column(name, justify="right" if i in (1, 4, 6, 7) else "left", no_wrap=True)
    for record in (record for record in peers if record.rtf is not None):
        table.add_row(*cells_of(record, best.get((network_of(record), record.cells))))
    yield from render(table, max(width, 130)).splitlines()
    wrong = (f"not right: {label(record)}{worst(record)}" for record in peers if record.verdict not in RIGHT)
    yield from dict.fromkeys(wrong)  # a row that was compiled and run has two records


def cells_of(peer: Record, best: Record | None) -> tuple[str, ...]:
    """A row of the table."""
    own = network_of(peer), f"{peer.cells:,}", str(peer.backend), str(peer.verdict), f"{peer.ns_per_cell_step:.3g}"
    if best is None:
        return (*own, "", "", "")
    return (*own, ran_on(best), f"{best.ns_per_cell_step:.3g}", f"{seconds(peer) / seconds(best):.3g}")
