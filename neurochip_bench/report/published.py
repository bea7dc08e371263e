"""What the paper published, to draw beside what was measured."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from typing import NamedTuple, Optional, TypedDict

from neurochip_bench.report.row import NetworkKind


class Energy(TypedDict):
    """A column of the paper's Table 3: watts, wall seconds per second of model time, joules of one."""

    device: str
    power_w: float
    rtf: float
    energy_j: float


class TpuText(TypedDict):
    """What the paper's text says of the TPU."""

    cells: int
    rtf: float


class Published(TypedDict):
    """The numbers of published.json: seconds are wall seconds per second of model time."""

    citation: str
    energy: list[Energy]
    energy_cells: int
    stress_largest_mv: dict[str, float]
    speedup_connected_125000: dict[str, int]
    olive_cells: dict[str, list[int]]  # the least and the most that an inferior olive has
    fastest_cells: list[int]
    fastest_s: dict[str, list[Optional[float]]]  # by kind of network, null where the figure cannot be read
    tpu_text: TpuText
    notes: list[str]


class Point(NamedTuple):
    """A published time: a network of so many cells takes so many wall seconds per second of model time."""

    cells: int
    seconds: float


class Claim(NamedTuple):
    """A single published time of one platform."""

    name: str
    point: Point


@lru_cache(maxsize=1)
def published() -> Published:
    """The numbers of published.json."""
    return json.loads((resources.files("neurochip_bench.report") / "published.json").read_text(encoding="utf-8"))


def fastest(kind: NetworkKind) -> list[Point]:
    """The times of the paper's fastest platform, Fig. 9, where they can be read; empty for another model."""
    seconds = published()["fastest_s"].get(str(kind), [])
    return [Point(n, s) for n, s in zip(published()["fastest_cells"], seconds) if s is not None]


def claims(kind: NetworkKind) -> list[Claim]:
    """Single points: Table 3, and what the text says of the TPU."""
    if kind != NetworkKind("io", "connected"):
        return []
    numbers = published()
    tpu, cells = numbers["tpu_text"], numbers["energy_cells"]
    table = [Claim(f"{entry['device']}, Table 3", Point(cells, entry["rtf"])) for entry in numbers["energy"]]
    return [*table, Claim("TPU, text", Point(tpu["cells"], tpu["rtf"]))]
