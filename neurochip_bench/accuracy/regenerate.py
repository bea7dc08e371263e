"""The only writer of the stored runs: `neurochip-bench regenerate FOLDER`, or `tox -e reference`."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from model.kernels import KERNELS
from model.network import build, connectivity, drive
from neurochip_bench.accuracy.cases import CASES, SEED, SIDE
from neurochip_bench.accuracy.measures import OSCILLATION_MS
from neurochip_bench.accuracy.reference import SCHEMA, pack
from neurochip_bench.accuracy.yardsticks import WINDOWS, run_of, yardsticks
from neurochip_bench.backends import ORACLE

UNITS = {"potential": "mV", "time": "ms", "conductance": "mS/cm2", "current": "uA/cm2"}


def regenerate(folder: Path | str, kernels: Sequence[str] | None = None) -> None:
    """Compute the stored runs and yardsticks of some kernels, or of all, anew; the manifest is written last."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    manifest: dict = {"schema": SCHEMA, "numpy": np.__version__, "python": platform.python_version(), "units": UNITS}
    manifest.update(yardsticks={}, cases={})
    if kernels:
        manifest = json.loads((folder / "manifest.json").read_text())
    for connected in (False, True):
        for kernel in kernels or KERNELS:
            name = f"{kernel}-{connectivity(connected)}"
            manifest["yardsticks"][name] = standard_yardsticks(kernel, connected)
    for case in (case for case in CASES.values() if case.kernel in (kernels or KERNELS)):
        print(f"{case.name}: {case.milliseconds} ms")
        content, entry = compute(case, manifest["yardsticks"])
        (folder / f"{case.name}.npz").write_bytes(content)
        manifest["cases"][case.name] = entry
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, allow_nan=False) + "\n")


def standard_yardsticks(kernel, connected):
    """F and D of the network that is timed, for all windows; where it oscillates also for long ones."""
    windows = (*WINDOWS, 2000, OSCILLATION_MS) if KERNELS[kernel].oscillates else WINDOWS
    print(f"yardsticks of {kernel}-{connectivity(connected)} over up to {windows[-1]} ms")
    network = build(kernel, SIDE, connected, SEED).rounded()
    stimulus = drive(network, windows[-1])
    return yardsticks(network, run_of(ORACLE, network, windows[-1], stimulus), stimulus, windows)


def compute(case, standard):
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
