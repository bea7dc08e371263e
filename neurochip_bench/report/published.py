"""What the paper published, to draw beside what was measured."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources


@lru_cache(maxsize=1)
def published():
    """The numbers of published.json: seconds are wall seconds per second of model time."""
    return json.loads((resources.files("neurochip_bench.report") / "published.json").read_text(encoding="utf-8"))


def fastest(model, connectivity):
    """(cells, seconds) of the paper's fastest platform, Fig. 9, where it can be read; empty for another model."""
    table = published()["fastest_s"]
    seconds = table.get(f"{model}_{connectivity}", [])
    return [(n, s) for n, s in zip(table["cells"], seconds) if s is not None]


def claims(model, connectivity):
    """(name, cells, seconds) of single points: Table 3, and what the text says of the TPU."""
    if (model, connectivity) != ("io", "connected"):
        return []
    numbers = published()
    tpu = numbers["tpu_text"]
    points = [(f"{entry['device']}, Table 3", numbers["energy_cells"], entry["rtf"]) for entry in numbers["energy"]]
    return [*points, ("TPU, text", tpu["cells"], tpu["rtf"])]
