"""Saved runs made up for tests: what pytest-benchmark would have written of rows that take given times."""

from __future__ import annotations

import json
from statistics import median

MACHINE = {"processor_name": "A processor", "cores": 2, "machine": "x86_64"}


def row(name="io-connected-jax-cpu-f32-n=64", seconds=(0.01, 0.011, 0.012), test="test_run", path="test_run", **record):
    """A row's entry; `record` changes its record, and `seconds` None makes it one that failed."""
    model, connectivity, *middle, cells = name.split("-")
    backend = "-".join(middle)
    info = {
        "schema": 1, "model": model, "connectivity": connectivity, "backend": backend, "library": middle[0],
        "cells": int(cells.partition("=")[2]), "library_version": "1.0", "device": "A processor", "model_ms": 100,
        "verdict": "faithful", "coupling": "padded", **record,
    }  # fmt: skip
    key = f"{test}[{name}]"
    entry = {"name": key, "fullname": f"tests/perf/{path}.py::{key}", "group": None, "extra_info": info}
    if seconds is None:
        return {**entry, "reason": "the child was killed by signal 9"}
    return {**entry, "stats": {"min": min(seconds), "median": median(seconds), "data": list(seconds)}}


def save(path, rows, hour=0, **machine):
    """Write a saved run of `rows` at some hour of a day; `machine` changes its machine."""
    saved = {
        "machine_info": {**MACHINE, **machine},
        "commit_info": {"id": "0123456789", "dirty": False},
        "benchmarks": [entry for entry in rows if "stats" in entry],
        "failures": [entry for entry in rows if "stats" not in entry],
        "datetime": f"2026-11-{1 + hour // 24:02}T{hour % 24:02}:00:00+00:00",
        "version": "5.3.1",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(saved))
    return path
