"""The final states of rows, kept beside a saved run as npz."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from neurochip_bench import files
from neurochip_bench.run import Run

LONGEST = 200  # characters of a file's name, of which file systems take 255 bytes


def path_of(folder: Path, key: str) -> Path:
    """The file of a row's output in a folder; `key` is the row's id."""
    return folder / (re.sub(r"[^\w=.-]+", "_", key)[-LONGEST:] + ".npz")


def folder_of(saved: Path) -> Path:
    """The folder of the outputs of a saved run, which stands beside it."""
    return saved.with_suffix(".outputs")


def keep(folder: Path, key: str, run: Run) -> None:
    """Write the final state of a `Run` (states, N) into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with files.whole(path_of(folder, key)) as file:
        np.savez(file, id=np.array(key), state=run.state)
