"""Where kernels and backends of other people are: in installed packages, and in modules that are still being written.

A package is found by its entry points, each of which names a module; a module that is only written yet is named in an
environment variable, so that every process which is started has it too. The module holds a tuple of what it adds.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import List, NamedTuple

NAMED = "NEUROCHIP_PLUGINS"  # names of modules, with commas between
# Words that select rows: none of them can be a kernel's name.
WORDS = (
    *("and", "or", "not", "connected", "unconnected", "slow", "experiment", "setup", "scaling", "speedup"),
    *("complexity", "validation", "stress", "energy", "delays", "steady", "peer", "backend", "side", "coupling"),
    *("strong", "weak"),
)


class Source(NamedTuple):
    """Where something is from: what sentences call it, and its module."""

    who: str
    module: str


def named() -> List[str]:
    """The modules that are named in the environment."""
    return [name.strip() for name in os.environ.get(NAMED, "").split(",") if name.strip()]


def installed(group: str) -> List[Source]:
    """The modules that entry points of a group name, in order; each once, however often its package is on the path."""
    from importlib import metadata  # takes longer to import than all the rest

    found = {
        entry.value.partition(":")[0].strip(): str(package.metadata["Name"])
        for package in metadata.distributions()
        for entry in package.entry_points
        if entry.group == group
    }
    return [Source(f"package {found[module]}", module) for module in sorted(found)]


def fetch(module: str) -> object:
    """A module, imported; it may lie in the folder that one is in."""
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.append(os.getcwd())
    return importlib.import_module(module)


def place(module: str) -> Path:
    """The file or folder of a module that was imported: all that belongs to its outermost package that has code.

    A namespace package has no file of its own, and other people's packages may lie in it.
    """
    parts = module.split(".")
    outermost = (sys.modules[".".join(parts[: count + 1])] for count in range(len(parts)))
    path = Path(next(file for file in (found.__file__ for found in outermost) if file))
    return path.parent if path.name == "__init__.py" else path


def word(text: object) -> str:
    """The text if it can be a marker's name and a part of a row's id; raises ValueError for another."""
    if not isinstance(text, str) or not text.isidentifier() or not text.isascii() or text in WORDS:
        raise ValueError(f"is called {text!r}: expected letters, digits and _, and none of {', '.join(WORDS)}")
    return text
