"""A network's file, of whichever form it is."""

from __future__ import annotations

import hashlib
from pathlib import Path

from neurochip_bench.networks import npz, sonata, tables
from neurochip_bench.networks.given import Given

FORMS = "an NPZ or a CSV file, or a folder with nodes.h5 and edges.h5"


def read(path: Path, kernel: str | None = None, first_id: int | None = None) -> Given:
    """The network in a file, with `kernel` and `first_id` where it does not say them.

    Raises ValueError, a sentence with file, place and value, for what cannot be read or is no network, and
    ModuleNotFoundError where SONATA's files need h5py.
    """
    if path.is_dir():
        return sonata.load(path, kernel)
    if path.suffix == ".npz":
        return npz.load(path, kernel, first_id)
    if path.suffix == ".csv":
        return tables.load(path, kernel, first_id)
    raise ValueError(f"{path}: {'is no network file' if path.exists() else 'is not there'}: expected {FORMS}")


def digest_of_files(path: Path) -> str:
    """A digest of the bytes of all files that `read` would read; what is not there counts as nothing."""
    found = hashlib.sha256()
    beside = [path.with_suffix(".cells.csv")] if path.suffix == ".csv" else []
    for file in sorted(path.iterdir()) if path.is_dir() else [path, *beside]:
        if file.is_file():
            found.update(f"{file.name} {file.stat().st_size} ".encode() + file.read_bytes())
    return found.hexdigest()[:12]
