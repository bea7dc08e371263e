"""What is not the same about a row besides its time: where it ran, in which version; whether times compare at all."""

from __future__ import annotations

from typing import Any, NamedTuple

from neurochip_bench.compare.match import Pair
from neurochip_bench.compare.side import SideRow

CHANGES = {  # of the record, in words
    "device": "device",
    "library_version": "version",
    "threads": "threads",
    "coupling": "coupling",
    "form": "form",
    "nodes": "nodes",
    "tf32": "TF32",
    "fast_math": "fast math",
}
WORK = (
    "model",
    "connectivity",
    "cells",
    "connections",
    "seed",
    "dt_ms",
    "model_ms",
    "rates",
    "accumulation",
    "precision",
)
ANOTHER_DEVICE, NOT_TIMED = "another device", "not timed"
STAND_IN = "stand-in"  # the device of rows that no chip has run


class Change(NamedTuple):
    """A part of how a row was run that is not the same."""

    what: str
    before: Any  # a string, a number, true or false, None where it is not known
    now: Any  # the same


def changes(pair: Pair) -> list[Change]:
    """What is not the same of how a row was run, where both sides have it."""
    if pair.sides is None:
        return []
    old, new = (row.record for row in pair.sides)
    found = [Change(word, old[key], new[key]) for key, word in CHANGES.items() if old[key] != new[key]]
    return [change for change in found if change.before is not None or change.what == "device"]  # came with later runs


def counts(row: SideRow) -> bool:
    """Whether the times of a row are of a chip, or of a processor, at all."""
    return "emulated" not in str(row.record["backend"]) and row.record["device"] != STAND_IN


def not_compared(base: SideRow, new: SideRow) -> str | None:
    """None if the times of a row on both sides compare, or why they do not, in a few words."""
    if "emulated" in str(new.record["backend"]):
        return "emulated: no times"
    if STAND_IN in (base.record["device"], new.record["device"]):
        return "stand-in: no times"
    if base.record["device"] != new.record["device"]:
        return ANOTHER_DEVICE
    before, now = (len(row.seconds) / len(row.rows) for row in (base, new))
    return other_work(base, new) if 0 < before <= now else NOT_TIMED  # a row timed less often would hide in its noise


def other_work(base: SideRow, new: SideRow) -> str | None:
    """None if both sides ran the same work, or the first part of it that is another."""
    works = ((key, base.record[key], new.record[key]) for key in WORK)
    return next((f"{key} {old} → {now}" for key, old, now in works if old != now and old is not None), None)
