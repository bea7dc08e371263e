"""Peak memory of a row: the process's high-water mark, which Linux lets a process reset."""

from __future__ import annotations

import re
from pathlib import Path


def reset_peak() -> bool:
    """Reset the process's high-water mark; False where that cannot be done."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def peak_mb() -> float:
    """The process's high-water mark in MB since `reset_peak`."""
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(kilobytes) * 1024 / 1e6
