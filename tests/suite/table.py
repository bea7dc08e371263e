"""A saved run as a Markdown table: `python -m tests.suite.table .benchmarks/*/0001_cpu.json`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.suite.summary import STAND_IN

HEAD = ("model", "", "cells", "backend", "verdict", "compile s", "median ms", "real-time factor", "ns/cell/step")


def table(saved):
    """The Markdown lines of a saved run's timed rows; times are medians over the rounds of `model_ms` of model time."""
    lines = ["| " + " | ".join(HEAD) + " |", "|---|---|--:|---|---|--:|--:|--:|--:|"]
    for benchmark in saved["benchmarks"]:
        record, median = benchmark["extra_info"], benchmark["stats"]["median"]
        if record.get("rtf") is None or record.get("device") == STAND_IN:
            continue
        cell_steps = record["cells"] * record["model_ms"] / record["dt_ms"]
        numbers = (record["compile_s"], 1e3 * median, median / (1e-3 * record["model_ms"]), 1e9 * median / cell_steps)
        words = (record["model"], record["connectivity"], f"{record['cells']:,}", f"`{record['backend']}`")
        lines.append("| " + " | ".join([*words, record["verdict"], *(f"{number:.3g}" for number in numbers)]) + " |")
    return lines


if __name__ == "__main__":
    for path in sys.argv[1:]:
        print("\n".join(table(json.loads(Path(path).read_text()))))
