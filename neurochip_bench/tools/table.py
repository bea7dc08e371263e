"""The fastest right row of each network of a saved run, in Markdown."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from neurochip_bench.accuracy import RIGHT
from neurochip_bench.keep.record import STAND_IN

HEAD = ("model", "", "cells", "backend", "verdict", "compile s", "median ms", "real-time factor", "ns/cell/step")


def table(saved):
    """The Markdown lines of the fastest right row of each network, by medians over the rounds of `model_ms`."""
    lines = ["| " + " | ".join(HEAD) + " |", "|---|---|--:|---|---|--:|--:|--:|--:|"]
    return lines + [line(benchmark) for benchmark in fastest(saved["benchmarks"])]


def fastest(benchmarks):
    """The fastest timed row of each network that is right, in the order of the networks."""
    best: dict = {}
    for benchmark in benchmarks:
        record = benchmark["extra_info"]
        if record.get("rtf") is None or record.get("device") == STAND_IN or record["verdict"] not in RIGHT:
            continue
        network = (record["model"], record["connectivity"], record["cells"], record.get("delay_max_ms"))
        if network not in best or benchmark["stats"]["median"] < best[network]["stats"]["median"]:
            best[network] = benchmark
    return best.values()


def line(benchmark):
    """A row in Markdown."""
    record, median = benchmark["extra_info"], benchmark["stats"]["median"]
    cell_steps = record["cells"] * record["model_ms"] / record["dt_ms"]
    numbers = (record["compile_s"], 1e3 * median, median / (1e-3 * record["model_ms"]), 1e9 * median / cell_steps)
    words = (record["model"], record["connectivity"], f"{record['cells']:,}", f"`{record['backend']}`")
    return "| " + " | ".join([*words, record["verdict"], *(f"{number:.3g}" for number in numbers)]) + " |"


if __name__ == "__main__":
    for path in sys.argv[1:]:
        print("\n".join(table(json.loads(Path(path).read_text()))))
