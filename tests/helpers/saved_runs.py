"""Saved runs for tests of what reads them, as pytest-benchmark writes them: every number in them is made up."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any, Iterable, Mapping

import pytest
from msgspec.structs import replace

from model.network import Network, build, connectivity
from neurochip_bench.backends import BACKENDS
from neurochip_bench.experiments.validation import QUANTILES
from neurochip_bench.keep.facts import blank
from neurochip_bench.keep.record import TYPES, saved_form
from neurochip_bench.keep.words import STAND_IN
from neurochip_bench.peers import PEERS

CPU = "Made-up CPU"
MACHINE = {"node": "made-up", "processor_name": CPU, "machine": "x86_64", "cores": 2, "python_version": "3.13.0"}
START = datetime(2026, 1, 1, 3, 4, 5, tzinfo=timezone.utc)

Entry = dict[str, Any]  # of `benchmarks` or `failures`: any JSON


@lru_cache(maxsize=None)
def network(model: str, connected: bool) -> Network:
    """The smallest standard network of a kind; a record's number of cells is set afterwards."""
    return build(model, 4, connected)


ALL = {**BACKENDS, **PEERS}  # all that have rows


def changed(info: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The saved form of a record with changes: a value may be of any type, but a name has to be a field's."""
    unknown = set(changes) - set(TYPES)
    if unknown:
        raise TypeError(f"{', '.join(sorted(unknown))}: expected fields of a record")
    return {**info, **changes}


def entry(test: str, name: str, info: dict[str, Any], path: str | None = None) -> Entry:
    """A row of a test function, in a file of its name if no other is given."""
    key = f"{test}[{name}]"
    return {"name": key, "fullname": f"tests/perf/{path or test}.py::{key}", "group": None, "extra_info": info}


def row(
    backend: str = "tensorflow-cpu-f32",
    model: str = "io",
    connected: bool = True,
    cells: int = 64,
    rtf: float | None = None,
    test: str = "run",
    stats: bool = True,
    path: str | None = None,
    **changes: Any,
) -> Entry:
    """An entry of `benchmarks` with the whole record, its numbers by a real-time factor; changes go to its record."""
    known = {"cells": cells, "model_ms": 100, "verdict": "faithful", "device": CPU}
    known.update(library_version="1.0", v1_mv=1e-5, floor_v1_mv=1e-5, step_error_v1_mv=1e-3)
    if rtf is not None:
        known.update(rtf=rtf, ns_per_cell_step=rtf * 1e9 / (40_000 * cells))
        known.update(build_s=0.01, compile_s=0.5, first_run_s=0.3 * rtf)
    info = changed(saved_form(replace(blank(network(model, connected), ALL[backend]), **known)), changes)
    name = f"{model}-{connectivity(connected)}-{backend}-n={cells}"
    made = entry(f"test_{test}", name, info, path)
    seconds = 0.1 * (rtf or 1.0)
    timing = {"min": seconds, "median": 1.1 * seconds, "max": 1.2 * seconds, "rounds": 5}
    return {**made, "stats": timing} if stats else made


def timed(
    name: str = "io-connected-jax-cpu-f32-n=64",
    seconds: Iterable[float] | None = (0.01, 0.011, 0.012),
    test: str = "run",
    path: str = "test_run",
    **changes: Any,
) -> Entry:
    """A `row` by its name, whose rounds took these seconds; None for one that failed. Changes go to its record."""
    model, joined, *backend, cells = name.split("-")
    what = "-".join(backend), model, joined == connectivity(True), int(cells.partition("=")[2])
    made = row(*what, test=test, path=path, stats=False, coupling="padded")
    made["extra_info"] = changed(made["extra_info"], changes)
    if seconds is None:
        return {**made, "reason": "the child was killed by signal 9"}
    data = list(seconds)
    return {**made, "stats": {"min": min(data), "median": median(data), "data": data}}


def failure(reason: str = "ran out of memory", **options: Any) -> Entry:
    """An entry of `failures`."""
    return {**row(stats=False, verdict="unjudged", **options), "reason": reason}


def experiment(name: str, **options: Any) -> Entry:
    """A row of an experiment, with the fields that only its rows have."""
    added: dict[str, dict[str, Any]] = {
        "setup": {"jit_s": 0.2, "setup_s": 0.71, "rtf": 1.1},
        "validation": {
            f"{span}_{q}_mv": 10.0 ** (i - 6) for span in ("first", "last") for i, q in enumerate(QUANTILES)
        },
        "stress": {"stable": True, "stress_spikes": 592, "lost": 0, "surplus": 1, "rms_mv": 0.01, "largest_mv": 2.5},
        "energy": {
            "energy_meter": "rapl",
            "energy_scope": "package",
            "power_w": 40.0,
            "idle_w": 15.0,
            "energy_j_per_model_s": 44.0,
            "energy_net_j_per_model_s": 27.0,
            "energy_window_s": 5.0,
        },
        "delays": {"delay_form": "ring buffer", "delay_max_ms": 20.0, "rtf": 0.4},
    }
    length = {"validation": 10_000, "stress": 15_000}.get(name, 100)
    return row(**{"experiment": name, "test": name, "model_ms": length, **added[name], **options})


def save(
    path: Path,
    rows: Iterable[Entry],
    failures: Iterable[Entry] = (),
    floor: Any = None,
    day: int = 2,
    hour: int = 0,
    commit: str = "0123456789abcdef",
    dirty: bool = False,
    **machine: Any,
) -> Path:
    """Write a run of a day in January, some hours after three; `machine` changes its machine. Its path.

    Rows that have no times are failures too.
    """
    rows = list(rows)
    run: dict[str, Any] = {"machine_info": {**MACHINE, **machine}, "commit_info": {"id": commit, "dirty": dirty}}
    run["benchmarks"] = [made for made in rows if "reason" not in made]
    run["failures"] = [*(made for made in rows if "reason" in made), *failures]
    run.update(datetime=(START + timedelta(days=day - 1, hours=hour)).isoformat(), version="5.3.1", floor=floor)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(run))
    return path


def full(folder: Path) -> list[Path]:
    """The paths of two made-up runs of two machines, with every experiment, verdict and way to fail."""
    speeds = {"tensorflow-cpu-f32": 1.0, "jax-cpu-f32": 0.6, "tensorflow-cpu-f64": 2.0, "numpy-cpu-f64": 40.0}
    rows = []
    for model, connected in (("io", False), ("io", True), ("lif", True)):
        for backend, slow in speeds.items():
            rows += [row(backend, model, connected, n, slow * n**0.9 / 700) for n in (64, 729, 8000)]
    rows[-1]["extra_info"]["verdict"] = "usable"
    rows += [row("onnxruntime-cpu-f32", cells=n, rtf=0.001 * n, verdict="unusable", v1_mv=0.5) for n in (64, 729)]
    rows += [row("jax-cpu-f64", cells=8000, rtf=9.0, verdict="unjudged", v1_mv=None, floor_v1_mv=None)]
    rows += [row("jax-cpu-f64", cells=729, rtf=1.0, verdict="unusable", v1_mv=None)]
    rows += [row("emulated-bf16", rtf=None), row("groq-groqchip-f32", rtf=0.0001, device=STAND_IN)]
    for backend in ("tensorflow-cpu-f32", "jax-cpu-f32"):
        rows += [experiment(name, backend=backend, cells=729) for name in ("setup", "validation", "stress", "energy")]
        rows += [experiment("delays", backend=backend, model="lif", delay_max_ms=d) for d in (1.0, 5.0, 20.0)]
    rows += [experiment("stress", backend="numpy-cpu-f32", stable=False, largest_mv=None, verdict="unusable")]
    rows += [experiment("validation", backend="numpy-cpu-f32", cells=729, last_max_mv=None, verdict="unusable")]
    fast = [
        row("jax-gpu-f32", "io", c, n, 0.05 + n / 1e6, device="Made-up GPU")
        for c in (False, True)
        for n in (64, 729, 125_000)
    ]
    fast += [
        row("tensorflow-cpu-f32", cells=125_000, rtf=110.0),
        row("jax-gpu-f64", cells=125_000, rtf=0.9, device="Made-up GPU", verdict="unusable"),
    ]
    fast += [
        experiment(
            "energy", backend="jax-gpu-f32", cells=729, device="Made-up GPU", energy_scope="board", energy_meter="nvml"
        )
    ]
    here = save(
        folder / "here.json",
        rows,
        [failure(), failure(backend="jax-cpu-f32", reason="hung for 600 s")],
        floor={"io connected": 8.0},
    )
    return [here, save(folder / "there.json", fast, node="elsewhere", floor={"io connected": 0.02})]


def report(folders: pytest.TempPathFactory) -> Path:
    """The folder of the report of `full`'s runs, made once a session, whichever of its processes comes first."""
    from filelock import FileLock

    from neurochip_bench.report.collected import collect
    from neurochip_bench.report.write import write

    base = folders.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "report"
    with FileLock(f"{folder}.lock"):
        if not (folder / "out" / "index.html").exists():
            write(collect(full(folder)), folder / "out", dpi=30)
    return folder / "out"
