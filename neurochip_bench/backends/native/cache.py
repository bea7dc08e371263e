"""Compiled programs on disk: a folder each, in the user's own cache, that is there whole or not at all.

An entry holds a program's source, what Numba keeps of it, and the sums of both. What Numba keeps are pickles, which
can run anything: nothing is read from a folder that others may write to, and what its sums do not fit is made anew.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Iterator

SUMS = "sums.txt"


def folder() -> Path | None:
    """The user's folder of programs, made if need be; None where it cannot be, or is not his alone."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        path = (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "neurochip-bench" / "native"
        path.parents[1].mkdir(parents=True, exist_ok=True)
        for part in (path.parent, path):
            part.mkdir(exist_ok=True, mode=0o700)
    except (OSError, RuntimeError):  # no home, or none that can be written to
        return None
    return path if own(path) and os.access(path, os.W_OK) else None


def own(path: Path) -> bool:
    """Whether a folder and those in which this package made it are the user's, and nobody else may write there."""
    if not hasattr(os, "geteuid"):  # Windows, where a profile is its user's
        return path.is_dir()
    return all(_own(part) for part in (path, path.parent))


def _own(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    others = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not others


def sums(entry: Path) -> str:
    """The sums of an entry's source and of what Numba keeps of it, a line each."""
    return "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in _files(entry))


def _files(entry: Path) -> Iterator[Path]:
    yield from sorted(entry.glob("*.py"))
    yield from sorted((entry / "__pycache__").glob("*.nb*"))


def whole(entry: Path) -> bool:
    """Whether an entry is there, the user's own, and what it was when it was made."""
    try:
        return own(entry) and (entry / SUMS).read_text() == sums(entry)
    except (OSError, UnicodeDecodeError):
        return False


def beginning(inside: Path) -> Path:
    """A new folder for an entry that is being made."""
    return Path(tempfile.mkdtemp(prefix=".making-", dir=inside))


def finish(made: Path, entry: Path) -> None:
    """Put an entry where it is looked for; where another process was faster, its own stays."""
    (made / SUMS).write_text(sums(made))
    try:
        made.rename(entry)
    except OSError:
        remove(made)


def remove(entry: Path) -> None:
    """Take an entry away, as far as that can be done."""
    shutil.rmtree(entry, ignore_errors=True)
