"""What takes long to compute is kept between sessions, by what it depends on; all of it together has a bound."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

import model
import neurochip_bench
from model.arrays import Reals
from model.kernels import DT, KERNELS
from model.network import Network
from neurochip_bench import files
from neurochip_bench.additions import sources
from neurochip_bench.additions.kernels import OTHERS
from neurochip_bench.backends.given import GIVEN
from neurochip_bench.keep.versions import digest as digest_of
from neurochip_bench.keep.versions import versions
from neurochip_bench.run import Run

FORM = 1  # of what is kept: another number makes all of it unknown
BOUND = 2 * 2**30  # bytes; a run of 8,000 cells takes 11 MB, one of a million 1.2 GB
CODE = Path(neurochip_bench.__file__).parent
SOURCES = (Path(model.__file__).parent, CODE / "backends", CODE / "accuracy")  # may change what is kept

Arrays = Mapping[str, NDArray[Any]]  # states, traces, codes and counts


class Truth(NamedTuple):
    """A float64 run, and the id of the backend that made it."""

    run: Run
    by: str


class Kept:
    """Arrays in files of a folder, the oldest of which go where all would take more than `bound` bytes.

    Without a folder nothing is kept. A file that is damaged, or cannot be written, is as if it were not there.
    """

    def __init__(self, folder: Path | None, bound: int = BOUND) -> None:
        self.folder, self.bound = folder, bound

    def get(self, key: str, compute: Callable[[], Arrays]) -> Arrays:
        """The arrays that are kept under a key, or those that `compute` gives, which are kept from then on."""
        found = self.read(key)
        if found is None:
            found = compute()
            self.write(key, found)
        return found

    def read(self, key: str) -> Arrays | None:
        """The arrays that are kept under a key, None where there are none; what was read is the newest again."""
        if self.folder is None:
            return None
        path = self.folder / f"{key}.npz"
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                arrays = {name: kept[name] for name in kept.files}
        except (OSError, ValueError, EOFError, BadZipFile):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return arrays

    def write(self, key: str, arrays: Arrays) -> None:
        """Keep arrays under a key, whole or not at all."""
        if self.folder is None or sum(array.nbytes for array in arrays.values()) > self.bound:
            return
        path = self.folder / f"{key}.npz"
        with contextlib.suppress(OSError), files.whole(path) as file:  # a full disk, a folder that may only be read
            np.savez(file, allow_pickle=False, **arrays)
        self._make_room()

    def size(self) -> int:
        """Bytes that all files take."""
        return sum(size for _, size, _ in self._files())

    def _make_room(self) -> None:
        total = self.size()
        for _, size, path in sorted(self._files()):
            if total <= self.bound:
                return
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        """(time of last use, bytes, path) of each file, what another session has cut off included."""
        for path in self.folder.glob("*.npz") if self.folder else ():
            with contextlib.suppress(OSError):
                found = path.stat()
                yield found.st_mtime, found.st_size, path


def packed(truth: Truth) -> Arrays:
    """A truth as arrays."""
    run = truth.run
    return {"state": run.state, "first": run.first, "trace": run.trace, "codes": run.codes, "by": np.array(truth.by)}


def unpacked(arrays: Arrays, network: Network) -> Truth:
    """The truth in the arrays that `packed` gave, of a network."""
    run = Run(
        *(arrays[name] for name in ("state", "first", "trace", "codes")),
        steps_per_ms=round(1 / DT),
        spikes_at=KERNELS[network.kernel].spikes_at,
    )
    return Truth(run, str(arrays["by"]))


def sources_of(kernel: str) -> list[Path]:
    """The code that may change a kernel's runs: this project's, and the module of a kernel that another package has."""
    added = OTHERS.added.get(kernel)
    return [*SOURCES, *([sources.place(added.module)] if added else [])]


def digest(network: Network, milliseconds: int, stimulus: Reals | None) -> str:
    """A name for a network's run, of all that it depends on: network, stimulus, and what code and versions run it."""
    ran = f"{FORM} {network.kernel} {milliseconds} {versions()} {digest_of(sources_of(network.kernel))} {GIVEN}"
    found = hashlib.sha256(ran.encode())
    arrays: list[NDArray[Any] | None] = [network.state, network.sources, network.targets, network.weights]
    arrays += [network.delays, stimulus, *(network.parameters[name] for name in sorted(network.parameters))]
    for array in arrays:
        found.update(b"none" if array is None else f"{array.dtype}{array.shape}".encode() + array.tobytes())
    return found.hexdigest()[:32]
