"""How measures are called for a kernel of other units: their keys name mV, ms and uA, the units of io and hh."""

from __future__ import annotations

STANDARD = "mV, ms"
SUFFIXES = ("_mv", "_ms", "_ua")


def name_in(units: str | None, key: str) -> str:
    """What a table calls a measure, of its key and of the "potential, time" that its numbers are in."""
    stem, suffix = key[:-3], key[-3:]
    if units in (None, STANDARD) or suffix not in SUFFIXES:
        return key
    potential, _, time = str(units).partition(", ")
    unit = {"_mv": potential, "_ms": time, "_ua": "1"}[suffix]  # what a synapse brings is in a unit of its kernel's
    return stem if unit == "1" else f"{stem} in {unit}"
