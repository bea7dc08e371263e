"""What is not the same about a row besides its time: where it ran, in which version; whether times compare at all."""

from __future__ import annotations

from typing import NamedTuple

from neurochip_bench.compare.match import Pair, settings
from neurochip_bench.compare.side import SideRow
from neurochip_bench.keep.record import Facts, Record, Scalar
from neurochip_bench.keep.words import STAND_IN

ANOTHER_DEVICE, NOT_TIMED = "another device", "not timed"


class Change(NamedTuple):
    """A part of how a row was run that is not the same."""

    what: str
    before: Scalar  # None where it is not known
    now: Scalar


def how(record: Record) -> Facts:
    """How a row was run, by the words for it."""
    return {
        "device": record.device,
        "version": record.library_version,
        "threads": record.threads,
        "coupling": record.coupling,
        "form": record.form,
        "nodes": record.nodes,
        "TF32": record.tf32,
        "fast math": record.fast_math,
    }


def work(record: Record) -> Facts:
    """What a row computed, by the names of the record."""
    asked = {name: value for name, value in settings(record).items() if name != "coupling"}  # which is in `how`
    return {
        "model": record.model,
        "connectivity": record.connectivity,
        "cells": record.cells,
        "connections": record.connections,
        "seed": record.seed,
        "model_ms": record.model_ms,
        **asked,
    }


def differences(old: Facts, new: Facts) -> list[Change]:
    """The facts whose values differ, each with both of them."""
    return [Change(what, old[what], new[what]) for what in old if old[what] != new[what]]


def changes(pair: Pair) -> list[Change]:
    """What is not the same of how a row was run, where both sides have it."""
    if pair.sides is None:
        return []
    old, new = (how(row.record) for row in pair.sides)
    found = differences(old, new)
    return [change for change in found if change.before is not None or change.what == "device"]  # came with later runs


def emulated(row: SideRow) -> bool:
    """Whether another precision than the machine's was emulated."""
    return "emulated" in str(row.record.backend)


def counts(row: SideRow) -> bool:
    """Whether the times of a row are of a chip, or of a processor, at all."""
    return not emulated(row) and row.record.device != STAND_IN


def not_compared(base: SideRow, new: SideRow) -> str | None:
    """None if the times of a row on both sides compare, or why they do not, in a few words."""
    if emulated(new):
        return "emulated: no times"
    if STAND_IN in (base.record.device, new.record.device):
        return "stand-in: no times"
    if base.record.device != new.record.device:
        return ANOTHER_DEVICE
    belong = [row.record.processes or 1 for row in (base, new)]
    if belong[0] != belong[1]:
        return f"processes {belong[0]} → {belong[1]}"
    before, now = (len(row.seconds) / len(row.rows) for row in (base, new))
    return other_work(base, new) if 0 < before <= now else NOT_TIMED  # a row timed less often would hide in its noise


def other_work(base: SideRow, new: SideRow) -> str | None:
    """None if both sides ran the same work, or the first part of it that is another."""
    known = (change for change in differences(work(base.record), work(new.record)) if change.before is not None)
    return next((f"{change.what} {change.before} → {change.now}" for change in known), None)
