"""A network of one's own as rows run it: its name, its stimulus, how long, and a digest of all that it is."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Iterable

import numpy as np
from numpy.typing import NDArray

from model.arrays import Reals
from model.kernels import KERNELS
from model.network import Network, drive
from neurochip_bench.networks.edges import one_way
from neurochip_bench.networks.given import applied
from neurochip_bench.networks.read import read

MODEL_MS = 100  # of a run where nobody says more: as long as those of standard networks
DRIVE, NONE = "drive", "none"  # words for a stimulus; anything else is a file


@dataclass(frozen=True)
class Own:
    """A network that a user has handed in, rounded to float32, and what it is run with.

    name          its file's stem, made safe for ids
    stimulus      (milliseconds, N), or None
    stimulated    where the stimulus is from, in words
    seconds       that reading it took
    """

    name: str
    file: str
    network: Network
    stimulus: Reals | None
    stimulated: str
    milliseconds: int
    seconds: float

    @cached_property
    def digest(self) -> str:
        """Of all that the result depends on: the network, its stimulus and how long it is run."""
        return digest(self.network, self.stimulus, self.milliseconds)

    @cached_property
    def one_way(self) -> int | None:
        """Gap junctions of which the other direction is not there; None where synapses connect."""
        return one_way(self.network)

    def applied(self, milliseconds: int) -> Reals | None:
        """The stimulus of the first milliseconds."""
        return None if self.stimulus is None else self.stimulus[:milliseconds]

    def __str__(self) -> str:
        network = self.network
        what = f"{network.cells:,} {network.kernel} cells, {network.connections:,} connections"
        told = f"{self.name}: {what}, {self.file}; {self.stimulated}, {self.milliseconds} ms, digest {self.digest}"
        return told + (f"; {self.one_way} gap junctions act one way only" if self.one_way else "")


def own(path: Path, kernel: str | None = None, stimulus: str | None = None, milliseconds: int | None = None) -> Own:
    """The network in a file; `kernel` is for one that says none, the others replace what it says.

    stimulus  "drive", the kernel's own; "none"; or an NPY file (milliseconds, N)

    Raises ValueError, a sentence, for what cannot be read or run.
    """
    start = time.perf_counter()
    given = read(path, kernel)
    try:
        network = given.network.rounded()
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    seconds = time.perf_counter() - start
    put, said = (given.stimulus, "the file's stimulus") if stimulus is None else chosen(stimulus, network, path)
    length = milliseconds or given.milliseconds or (MODEL_MS if put is None else len(put))
    if put is None and stimulus in (None, DRIVE):
        put, said = drive(network, length), "the kernel's drive"
    if put is None:
        said = "no stimulus"
    elif len(put) < length:
        raise ValueError(f"{path}: its stimulus has {len(put)} ms: expected {length}, the run's length")
    return Own(safe(path), str(path), network, put if put is None else put[:length], said, length, seconds)


def chosen(stimulus: str, network: Network, path: Path) -> tuple[Reals | None, str]:
    """The stimulus that was asked for, if it is a file's, and its words."""
    if stimulus in (DRIVE, NONE):
        return None, ""
    try:
        with open(stimulus, "rb") as file:
            values = np.load(file, allow_pickle=False)
    except (OSError, EOFError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"--stimulus {stimulus}: {reason}: expected drive, none or an NPY file") from None
    if not isinstance(values, np.ndarray):
        raise ValueError(f"--stimulus {stimulus}: is an archive: expected drive, none or an NPY file")
    return applied(f"--stimulus {stimulus} for {path}", values, network.cells), f"the stimulus of {stimulus}"


def safe(path: Path) -> str:
    """A file's stem as a part of an id, in which a hyphen ends each part."""
    return re.sub(r"[^A-Za-z0-9_.]+", "_", path.name if path.is_dir() else path.stem).strip("_.") or "_"


def by_name(networks: Iterable[Own]) -> dict[str, Own]:
    """Networks by name; raises ValueError where two have one, or one has that of a kernel."""
    found: dict[str, Own] = {}
    for network in networks:
        if network.name in KERNELS:
            raise ValueError(f"{network.file}: its name is a kernel's: expected another than {', '.join(KERNELS)}")
        if network.name in found:
            raise ValueError(
                f"{found[network.name].file} and {network.file} would both be {network.name!r}: expected two names"
            )
        found[network.name] = network
    return found


def digest(network: Network, stimulus: Reals | None, milliseconds: int) -> str:
    """A name for a network's content: its numbers, its stimulus and the length of its runs."""
    found = hashlib.sha256(f"{network.kernel} {milliseconds}".encode())
    arrays: list[NDArray[Any] | None] = [network.state, network.sources, network.targets, network.weights]
    arrays += [network.delays, stimulus, *(network.parameters[name] for name in sorted(network.parameters))]
    for array in arrays:
        held = None if array is None else np.ascontiguousarray(array)
        found.update(b"none" if held is None else f"{held.dtype}{held.shape}".encode() + held.tobytes())
    return found.hexdigest()[:16]
