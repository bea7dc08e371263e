"""The processor that everything on a CPU runs on."""

from __future__ import annotations

import os
import platform
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=None)
def _cpuinfo() -> dict[str, str]:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:  # not Linux
        return {}
    pairs = (line.partition(":") for line in text.split("\n\n")[0].splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def cpu_name() -> str:
    """The processor's name, as far as the system tells it."""
    return _cpuinfo().get("model name") or platform.processor() or platform.machine()


def cpu_has(feature: str) -> bool:
    """Whether Linux lists an instruction set, such as "avx512f", among the processor's."""
    return feature in _cpuinfo().get("flags", "").split()


def cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
