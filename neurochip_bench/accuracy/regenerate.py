"""The only writer of the stored runs: `neurochip-bench regenerate FOLDER`, or `tox -e reference`.

With `--kernel NAME`, once or more, only what is stored of these kernels is computed anew; without, all begins afresh.
"""

from __future__ import annotations

import hashlib
import json
import platform
from pathlib import Path
from typing import Sequence

import numpy as np

from model.checks import one_of
from model.kernels import KERNELS
from model.network import build, connectivity, drive
from neurochip_bench import files
from neurochip_bench.accuracy.cases import CASES, SEED, SIDE, Case
from neurochip_bench.accuracy.measures import OSCILLATION_MS
from neurochip_bench.accuracy.reference import MANIFEST, SCHEMA, Json, References, checksum, pack, write
from neurochip_bench.accuracy.verdict import Yardsticks
from neurochip_bench.accuracy.yardsticks import WINDOWS, run_of, yardsticks
from neurochip_bench.backends import ORACLE

UNITS = {"potential": "mV", "time": "ms", "conductance": "mS/cm2", "current": "uA/cm2"}
LONG_WINDOWS = (2000, OSCILLATION_MS)  # ms, of what oscillates


def regenerate(folder: Path | str, kernels: Sequence[str] | None = None) -> None:
    """Compute the stored runs and yardsticks of some kernels anew, or of all; the manifest is written last.

    Of some: whatever a folder holds of other kernels stays as it is, byte for byte. Of all: nothing stays, whatever its
    schema, but the tables that others write, and runs of cases that are no more are removed.
    Raises ValueError for an unknown kernel, and of some where a manifest that is there cannot be read.
    """
    folder, afresh = Path(folder), kernels is None
    kernels = [one_of("kernel", name, KERNELS.own) for name in kernels or KERNELS.own]
    folder.mkdir(parents=True, exist_ok=True)
    manifest = _empty() if afresh or not (folder / MANIFEST).exists() else References(folder).manifest
    for connected in (False, True):
        for kernel in kernels:
            name = f"{kernel}-{connectivity(connected)}"
            manifest["yardsticks"][name] = standard_yardsticks(kernel, connected)
            manifest["checksums"][name] = checksum(manifest["yardsticks"][name])
    for name, case in ((name, case) for name, case in CASES.items() if case.kernel in kernels):
        print(f"{name}: {case.milliseconds} ms")
        content, entry = compute(case, manifest["yardsticks"])
        files.write(folder / f"{name}.npz", content)
        manifest["cases"][name], manifest["checksums"][name] = entry, checksum(entry["yardsticks"])
    manifest["written_by"].update({name: {"numpy": np.__version__, "python": _python()} for name in kernels})
    if afresh:
        _clear(folder, manifest)
    write(folder / MANIFEST, manifest)


def standard_yardsticks(kernel: str, connected: bool) -> dict[str, Yardsticks]:
    """F and D of the network that is timed, by window; where it oscillates also for long ones."""
    windows = (*WINDOWS, *LONG_WINDOWS) if KERNELS[kernel].oscillates else WINDOWS
    print(f"yardsticks of {kernel}-{connectivity(connected)} over up to {windows[-1]} ms")
    network = build(kernel, SIDE, connected, SEED).rounded()
    stimulus = drive(network, windows[-1])
    return yardsticks(network, run_of(ORACLE, network, windows[-1], stimulus), stimulus, windows)


def compute(case: Case, standard: dict[str, dict[str, Yardsticks]]) -> tuple[bytes, dict[str, Json]]:
    """The bytes of a case's stored run, and its entry in the manifest."""
    network = case.network()
    stimulus = case.applied(network)
    run = run_of(ORACLE, network, case.milliseconds, stimulus, case.dt)
    if case.start == "standard" and case.stimulus != "kick":
        stored = standard[f"{case.kernel}-{connectivity(case.connected)}"]
    else:
        stored = yardsticks(network, run, stimulus, [case.milliseconds], case.dt)
    content = pack(run, case.every)
    entry = {
        "kernel": case.kernel,
        "parameters": {name: float(value) for name, value in KERNELS[case.kernel].parameters.items()},
        "cells": network.cells,
        "connections": network.connections,
        "weight": float(network.weights),
        "topology": network.topology,
        "seed": network.seed,
        "start": case.start,
        "stimulus": case.stimulus,
        "dt_ms": case.dt,
        "milliseconds": case.milliseconds,
        "every_ms": case.every,
        "spikes": int(run.spikes.sum()),
        "yardsticks": stored[str(case.milliseconds)],
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return content, entry


def _clear(folder: Path, manifest: dict[str, Json]) -> None:
    """Take the checksums of tables over from the manifest that is there, and remove runs that the new one lacks."""
    try:
        old = json.loads((folder / MANIFEST).read_text())
        tables = {name: known for name, known in old["checksums"].items() if name.endswith(".json")}
        gone = set(old["cases"]) - set(manifest["cases"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return  # there is none, or what it says is not known
    manifest["checksums"].update(tables)
    for name in gone:
        (folder / f"{name}.npz").unlink(missing_ok=True)


def _empty() -> dict[str, Json]:
    return {"schema": SCHEMA, "written_by": {}, "units": UNITS, "checksums": {}, "yardsticks": {}, "cases": {}}


def _python() -> str:
    return platform.python_version()
