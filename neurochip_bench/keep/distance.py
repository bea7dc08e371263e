"""How far a row is from the fastest right row of its network, and who is too close to the fastest to be told from it.

Derived when a run is shown, and never kept in a record: rows are kept before later ones are known.
"""

from __future__ import annotations

import math
from typing import Callable, Hashable, Iterable, TypeVar

from neurochip_bench.accuracy.verdict import RIGHT
from neurochip_bench.keep.ran_on import ran_on
from neurochip_bench.keep.record import Record
from neurochip_bench.keep.words import PEERS, STAND_IN

TIE = 1.5  # one process each cannot tell less apart: the logarithm of a median of five varies by 0.12 between them
TIED = f"Within {TIE:g} times of the fastest is a tie: too close to tell apart by one process each."
HEADS = ("× fastest", "× floor")  # of the two distances, in this order
Entry = TypeVar("Entry")


def leaders(entries: Iterable[Entry], seconds: Callable[[Entry], float]) -> list[Entry]:
    """The fastest of some right rows of a network and those that tie with it, the fastest first."""
    ordered = sorted(entries, key=seconds)
    return [entry for entry in ordered if seconds(entry) <= TIE * seconds(ordered[0])]


def leading(records: Iterable[Record]) -> list[Record]:
    """The `leaders` of a network's rows, the fastest of each backend, whichever its coupling."""
    best: dict[str, Record] = {}
    for record in sorted(records, key=seconds):
        best.setdefault(ran_on(record), record)
    return leaders(best.values(), seconds)


def network(record: Record) -> Hashable:
    """What rows have to share to be held against each other."""
    own = record.network, record.network_digest, record.delay_max_ms
    return (record.model, record.connectivity, record.cells, *own)


def ranked(record: Record) -> bool:
    """Whether a row counts: timed, right, and neither run by a stand-in for a chip nor one of a peer's."""
    counts = record.device != STAND_IN and record.experiment != PEERS
    return record.rtf is not None and record.verdict in RIGHT and counts


def seconds(record: Record) -> float:
    """A row's real-time factor, infinite where it was not timed."""
    return math.inf if record.rtf is None else record.rtf


def fastest(records: Iterable[Record]) -> dict[Hashable, float]:
    """The real-time factor of the fastest right row of each network."""
    found: dict[Hashable, float] = {}
    for record in records:
        if ranked(record):
            found[network(record)] = min(seconds(record), found.get(network(record), math.inf))
    return found


def said(times: float | None) -> str:
    """A distance for people, nothing for None."""
    return "" if times is None else f"{times:.3g}"
