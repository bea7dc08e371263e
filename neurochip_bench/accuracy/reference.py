"""Stored float64 runs and yardsticks: loaded without pickle, checked before they are believed."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from model.checks import one_of
from model.kernels import KERNELS
from model.network import connectivity
from neurochip_bench import files
from neurochip_bench.accuracy.cases import CASES, Case
from neurochip_bench.accuracy.verdict import Yardsticks
from neurochip_bench.run import Run

SCHEMA = 2
MANIFEST = "manifest.json"
ARRAYS = ("state", "first", "trace", "spike_index", "spike_code")

Json = Any  # what a JSON file holds, before it is looked at


class References:
    """The stored runs and yardsticks in a folder; raises ValueError where its manifest is missing or foreign.

    What a caller asks for is checked by the manifest's checksums, and refused with a ValueError where it differs.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.manifest = _read(self.folder / MANIFEST, "the stored runs' manifest")
        schema = self.manifest.get("schema") if isinstance(self.manifest, dict) else None
        if schema != SCHEMA:
            raise ValueError(f"{MANIFEST} has schema {schema!r}: expected {SCHEMA}")

    def has_yardsticks(self, kernel: str, connected: bool) -> bool:
        """Whether there are yardsticks of a standard network."""
        return f"{kernel}-{connectivity(connected)}" in self.manifest["yardsticks"]

    def yardsticks(self, kernel: str, connected: bool, milliseconds: int) -> Yardsticks:
        """F and D of a standard network over a window that is one of those stored."""
        name = f"{kernel}-{connectivity(connected)}"
        windows = self._checked(name, self.manifest["yardsticks"][name])
        if str(milliseconds) not in windows:
            raise ValueError(f"no yardsticks for a window of {milliseconds} ms: expected one of {', '.join(windows)}")
        return windows[str(milliseconds)]

    def table(self, name: str) -> Json:
        """What a JSON file of the folder holds, such as the long experiments' yardsticks."""
        return self._checked(name, _read(self.folder / name, "a table of yardsticks"))

    def case(self, name: str) -> tuple[Run, Yardsticks]:
        """The stored `Run` of a case and its yardsticks."""
        one_of("case", name, self.manifest["cases"])
        entry, path = self.manifest["cases"][name], self.folder / f"{name}.npz"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ValueError(f"{path.name} cannot be read ({error.strerror}): expected a stored run") from None
        found = hashlib.sha256(content).hexdigest()
        if found != entry["sha256"]:
            raise ValueError(f"{path.name} has checksum {found[:12]}: expected {entry['sha256'][:12]}")
        return unpack(path.name, content, CASES[name]), self._checked(name, entry["yardsticks"])

    def _checked(self, name: str, stored: Json) -> Json:
        """What is stored under a name, if its numbers have the checksum that the manifest knows."""
        known = self.manifest["checksums"].get(name)
        if checksum(stored) != known:
            expected = known[:12] if known else "one in the manifest"
            raise ValueError(f"yardsticks of {name} have checksum {checksum(stored)[:12]}: expected {expected}")
        return stored


def checksum(stored: Json) -> str:
    """SHA-256 of what is stored as JSON, whatever its layout and the order of its keys."""
    return hashlib.sha256(json.dumps(stored, sort_keys=True).encode()).hexdigest()


def write(path: Path, stored: Json) -> None:
    """Write a JSON file, its floats to the last bit."""
    files.write(path, json.dumps(stored, indent=1, allow_nan=False) + "\n")


def write_table(path: Path, table: Json) -> None:
    """Write a table of yardsticks, and its checksum into the manifest of its folder where there is one."""
    write(path, table)
    manifest = path.parent / MANIFEST
    if manifest.exists():
        stored = References(path.parent).manifest
        stored["checksums"][path.name] = checksum(table)
        write(manifest, stored)


def pack(run: Run, every: int) -> bytes:
    """A run as the bytes of a compressed npz; its spikes as places and codes."""
    codes = run.codes
    index = np.flatnonzero(codes)
    places, kept = index.astype(np.uint32), codes.flat[index].astype(np.uint16)
    trace, buffer = run.trace[::every], io.BytesIO()
    np.savez_compressed(buffer, state=run.state, first=run.first, trace=trace, spike_index=places, spike_code=kept)
    return buffer.getvalue()


def unpack(name: str, content: bytes, case: Case) -> Run:
    """The `Run` in the bytes of an npz; raises ValueError if they are none, hold objects or miss an array."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in ARRAYS}
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{name} is not a stored run ({error}): expected an npz of {', '.join(ARRAYS)}") from None
    codes = np.zeros((case.milliseconds, arrays["first"].shape[1]), np.int32)
    codes.flat[arrays["spike_index"]] = arrays["spike_code"]
    return Run(
        arrays["state"],
        arrays["first"],
        arrays["trace"],
        codes,
        steps_per_ms=round(1 / case.dt),
        spikes_at=KERNELS[case.kernel].spikes_at,
        every=case.every,
    )


def _read(path: Path, expected: str) -> Json:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ValueError(f"{path.name} cannot be read ({error}): expected {expected}") from None
