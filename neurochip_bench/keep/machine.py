"""What a saved run says of its machine beyond what pytest-benchmark does: processor, cores, vectors, memory, system.

`cores` are the machine's own, `threads` those that the user and a container's quota grant a program.
"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any, Mapping

import psutil

from neurochip_bench.backends.given import GIVEN
from neurochip_bench.backends.host import cores, cpu_features, cpu_name

# Units that XLA and NumPy compile for, the widest first; of x86, then of ARM, POWER and RISC-V.
VECTORS = ("avx512f", "avx2", "avx", "sse4_2", "sve2", "sve", "asimd", "neon", "vsx", "v")
BOARDS = ("proc/device-tree/model", "sys/devices/virtual/dmi/id/product_name")


def describe(cpu: Mapping[str, Any], root: Path = Path("/")) -> dict[str, object]:  # Any: of py-cpuinfo
    """Fields of `machine_info`, from what py-cpuinfo found, which pytest-benchmark has asked already."""
    return {
        "processor_name": processor(cpu, root),
        "cores": psutil.cpu_count() or os.cpu_count(),
        "threads": cores(),
        "vectors": next((name for name in VECTORS if name in (cpu.get("flags") or ())), None),
        "memory_gib": memory_gib(),
        "os": platform.platform(),
        "environment": GIVEN,
    }


def in_words() -> str:
    """What tells the machine from another, as far as the system says it at once: py-cpuinfo takes half a second."""
    arch = "ARM" if platform.machine().lower().startswith(("aarch64", "arm")) else ""
    here = describe({"arch": arch, "flags": cpu_features()})
    memory = f"{here['memory_gib']:.2g} GiB" if here["memory_gib"] else None  # a kernel keeps some to itself, or other
    told = (here["processor_name"], f"{here['cores']} cores", here["vectors"], memory, platform.system())
    return ", ".join(str(part) for part in told if part)


def unfit() -> str | None:
    """None, or a sentence: nothing can be judged or timed as this Python or its environment is set."""
    if sys.flags.optimize:
        return "PYTHONOPTIMIZE is set, or python -O: expected neither, since results are judged by assertions"
    try:
        cores()
    except ValueError as error:  # an OMP_NUM_THREADS that is no number
        return str(error)
    return None


def processor(cpu: Mapping[str, Any], root: Path = Path("/")) -> str:  # Any: of py-cpuinfo
    """The processor's name; an ARM's, which several makers' chips share, with the board that it is on.

    A Graviton 4 and a Grace are both a "Neoverse-V2".
    """
    brand = str(cpu.get("brand_raw") or cpu_name())
    board = board_of(root) if str(cpu.get("arch", "")).startswith("ARM") else None
    return f"{brand} ({board})" if board else brand


def board_of(root: Path) -> str | None:
    """What the firmware calls the machine, such as "m8g.large" or "Raspberry Pi 5 Model B Rev 1.0"."""
    for name in BOARDS:
        try:
            said = (root / name).read_text(errors="replace").strip("\0 \n")
        except OSError:
            continue
        if said:
            return said
    return None


def memory_gib() -> float | None:
    """The machine's memory in GiB, to a tenth; None where the system does not tell."""
    try:
        return round(psutil.virtual_memory().total / 2**30, 1)
    except (OSError, psutil.Error):
        return None
