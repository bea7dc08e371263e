"""Stored float64 runs: loaded without pickle, checked before they are believed."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np

from model.checks import one_of
from model.kernels import KERNELS
from model.network import connectivity
from neurochip_bench.accuracy.cases import CASES
from neurochip_bench.run import Run

SCHEMA = 1
ARRAYS = ("state", "first", "trace", "spike_index", "spike_code")


class References:
    """The stored runs and yardsticks in a folder; raises ValueError where its manifest is missing or foreign."""

    def __init__(self, folder):
        self.folder = Path(folder)
        path = self.folder / "manifest.json"
        try:
            self.manifest = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise ValueError(f"{path.name} cannot be read ({error}): expected the stored runs' manifest") from None
        schema = self.manifest.get("schema") if isinstance(self.manifest, dict) else None
        if schema != SCHEMA:
            raise ValueError(f"{path.name} has schema {schema!r}: expected {SCHEMA}")

    def yardsticks(self, kernel, connected, milliseconds):
        """F and D of a standard network over a window that is one of those stored."""
        windows = self.manifest["yardsticks"][f"{kernel}-{connectivity(connected)}"]
        if str(milliseconds) not in windows:
            raise ValueError(f"no yardsticks for a window of {milliseconds} ms: expected one of {', '.join(windows)}")
        return windows[str(milliseconds)]

    def case(self, name):
        """The stored `Run` of a case and its yardsticks; raises ValueError unless it is what the manifest says."""
        one_of("case", name, self.manifest["cases"])
        entry, path = self.manifest["cases"][name], self.folder / f"{name}.npz"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ValueError(f"{path.name} cannot be read ({error.strerror}): expected a stored run") from None
        found = hashlib.sha256(content).hexdigest()
        if found != entry["sha256"]:
            raise ValueError(f"{path.name} has checksum {found[:12]}: expected {entry['sha256'][:12]}")
        return unpack(path.name, content, CASES[name]), entry["yardsticks"]


def pack(run, every):
    """A run as the bytes of a compressed npz; its spikes as places and codes."""
    codes = run.codes
    index = np.flatnonzero(codes)
    arrays = (run.state, run.first, run.trace[::every], index.astype(np.uint32), codes.flat[index].astype(np.uint16))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **dict(zip(ARRAYS, arrays)))
    return buffer.getvalue()


def unpack(name, content, case):
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
