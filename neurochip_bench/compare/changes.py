"""What is not the same about a row besides its time: where it ran, in which version; whether times compare at all."""

from __future__ import annotations

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


def changes(pair):
    """(what, before, now) for each part of the record that says how a row was run and is not the same."""
    if pair.base is None or pair.new is None:
        return []
    old, new = pair.base.record, pair.new.record
    found = [(word, old[key], new[key]) for key, word in CHANGES.items() if old[key] != new[key]]
    return [entry for entry in found if entry[1] is not None or entry[0] == "device"]  # older runs lack later keys


def counts(row):
    """Whether the times of a `PooledRow` are of a chip, or of a processor, at all."""
    return "emulated" not in str(row.record["backend"]) and row.record["device"] != STAND_IN


def not_compared(pair):
    """None if the times of a row on both sides compare, or why they do not, in a few words."""
    old, new = pair.base.record, pair.new.record
    if "emulated" in str(new["backend"]):
        return "emulated: no times"
    if STAND_IN in (old["device"], new["device"]):
        return "stand-in: no times"
    if old["device"] != new["device"]:
        return ANOTHER_DEVICE
    before, now = (len(row.seconds) / len(row.rows) for row in (pair.base, pair.new))
    return other_work(pair) if 0 < before <= now else NOT_TIMED  # a row timed less often would hide in its noise


def other_work(pair):
    """None if both sides ran the same work, or the first part of it that is another."""
    if pair.base is None or pair.new is None:
        return None
    old, new = pair.base.record, pair.new.record
    found = (f"{key} {old[key]} → {new[key]}" for key in WORK if old[key] != new[key] and old[key] is not None)
    return next(found, None)
