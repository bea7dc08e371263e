"""What runs a row: which version of each library is installed, asked without importing it, and a digest of sources."""

from __future__ import annotations

import hashlib
import re
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path
from typing import Iterable

import model
import neurochip_bench
from neurochip_bench.additions.sources import place as place_of
from neurochip_bench.backends import BACKENDS
from neurochip_bench.peers import PEERS

ALWAYS = ("numpy", "scipy", "pytest-benchmark")  # packages that take part in each row
NO_ROWS = ("cli", "compare", "report", "tools")  # no row imports them, which `tox -e lint` holds
# What runs, NEURON's mechanisms and what another package's backend may be made of among it: no documents, no compiled
# Python, nothing that an editor leaves.
SUFFIXES = (".py", ".ini", ".json", ".npz", ".mod", ".c", ".cpp", ".cu", ".h", ".so", ".pyd", ".dylib", ".onnx")


def versions() -> dict[str, str]:
    """The version of each library that is installed, by the normalised name of its package."""
    found: dict[str, str] = {}
    programs = (backend.program for registry in (BACKENDS, PEERS) for backend in registry.values())
    libraries = {*ALWAYS, *(name for program in programs for name in program.distributions)}
    for package in metadata.distributions():
        name = re.sub(r"[-_.]+", "-", package.metadata["Name"] or "").lower()
        if any(fnmatch(name, library) for library in libraries):
            found.setdefault(name, package.version)  # the first on the path is what is imported
    return dict(sorted(found.items()))


def sources(root: Path) -> str:
    """A short digest of all code and stored truths that make and judge rows; `root` is the folder of pytest.ini.

    What other packages add to rows is a part of it.
    """
    packages = (folder for package in (model, neurochip_bench) for folder in map(Path, package.__path__))
    parts = (part for package in packages for part in sorted(package.iterdir()) if part.name not in NO_ROWS)
    tests = (root / "tests" / "perf", root / "tests" / "accuracy" / "reference", root / "conftest.py")
    added = {source.module for loader in BACKENDS.loaders for source in loader.added.values()}
    return digest([*parts, *tests, root / "pytest.ini", *map(place_of, sorted(added))])[:12]


def digest(places: Iterable[Path]) -> str:
    """A digest of the names and contents of files, and of those below folders, whatever git knows of them."""
    found = hashlib.sha256()
    for place in places:
        for path in sorted([place] if place.is_file() else place.rglob("*")):
            if path.suffix in SUFFIXES:
                content = path.read_bytes()
                found.update(f"{path.relative_to(place.parent).as_posix()} {len(content)} ".encode() + content)
    return found.hexdigest()
