"""How many cores a container may use at a time: the CPU quotas of Linux's control groups, read from their files."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Iterator

ROOT = Path("/")
CONTROLLER = "cpu"  # of version 1, whose folder may be named after several


def quota(root: Path = ROOT) -> float | None:
    """Cores that the control groups of this process grant it, the least of all; None where none has a limit."""
    granted = [found for folder in _folders(root) for found in (_granted(folder),) if found is not None]
    return min(granted, default=None)


def _folders(root: Path) -> Iterator[Path]:
    """The folders of this process's groups and of those above them, as far as a container shows them."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = ([*line.split(":", 2), "", ""])[:3]
        if controllers and CONTROLLER not in controllers.split(","):
            continue
        mount = root / "sys/fs/cgroup" / controllers
        inside = PurePosixPath(path.lstrip("/"))
        yield from (mount / part for part in (inside, *inside.parents))


def _granted(folder: Path) -> float | None:
    """Quota by period: "max 100000" of version 2 and -1 of version 1 are no limit."""
    words = _text(folder / "cpu.max").split()
    words = words or [_text(folder / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period")]
    try:
        granted, period = (int(word) for word in words)
    except ValueError:
        return None
    return granted / period if granted > 0 and period > 0 else None


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
