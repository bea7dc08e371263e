"""The processor that everything on a CPU runs on, and how many of its cores are the user's to give."""

from __future__ import annotations

import os
import platform
from functools import lru_cache
from pathlib import Path

from neurochip_bench.backends.quota import quota

THREADS = "OMP_NUM_THREADS"
# Read here, though py-cpuinfo reads it too: that starts processes for half a second, and vendors' Pythons have none.
LINUX = Path("/proc/cpuinfo")


@lru_cache(maxsize=None)
def _cpuinfo() -> dict[str, str]:
    """What Linux says of the first core, at once; elsewhere py-cpuinfo is asked, which starts processes for it."""
    try:
        text = LINUX.read_text(encoding="utf-8")
    except OSError:
        return _asked_elsewhere()
    pairs = (line.partition(":") for line in text.split("\n\n")[0].splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _asked_elsewhere() -> dict[str, str]:
    """The same two fields by py-cpuinfo; nothing without it, or of a processor that it does not know."""
    try:
        from cpuinfo import get_cpu_info

        found = get_cpu_info()
    except Exception:  # of any kind: it raises Exception itself
        return {}
    told = {"model name": found.get("brand_raw"), "flags": " ".join(found.get("flags") or ())}
    return {name: text for name, text in told.items() if text}


def cpu_name() -> str:
    """The processor's name, as far as the system tells it: of an ARM's Linux has numbers alone."""
    found = _cpuinfo()
    if "model name" not in found and "CPU part" in found:
        return f"{platform.machine()} {found.get('CPU implementer', 'unknown')} {found['CPU part']}"
    return found.get("model name") or platform.processor() or platform.machine()


def cpu_has(feature: str) -> bool:
    """Whether the system lists an instruction set, such as "avx512f", among the processor's."""
    return feature in cpu_features()


def cpu_features() -> list[str]:
    """The instruction sets that the system lists: Linux those of x86 as flags, of ARM as features."""
    return (_cpuinfo().get("flags") or _cpuinfo().get("Features", "")).split()


def cores() -> int:
    """Number of threads that a program gets at most: the least of affinity, a container's quota and OMP_NUM_THREADS.

    A quota is rounded down, to 1 at least: a thread more would be throttled. Raises ValueError for an OMP_NUM_THREADS
    that is no number.
    """
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    granted, asked = quota(), _asked()
    return min(here, here if granted is None else max(1, int(granted)), here if asked is None else asked)


def _asked() -> int | None:
    """The user's OMP_NUM_THREADS: of OpenMP's list, a number for each nested level, the first."""
    text = os.environ.get(THREADS, "").strip()
    if not text:
        return None
    number = text.split(",")[0].strip()
    if not (number.isdecimal() and int(number)):
        raise ValueError(f"{THREADS} is {text!r}: expected a whole number of at least 1, or that it is not set")
    return int(number)
