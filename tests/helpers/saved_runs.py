"""Saved runs for tests of what reads them: every number in them is made up."""

from __future__ import annotations

import json
from functools import lru_cache

from model.network import build
from neurochip_bench.backends import BACKENDS
from neurochip_bench.keep import record

MACHINE = {"node": "made-up", "processor_name": "Made-up CPU", "cores": 2, "python_version": "3.13.0"}
QUANTILES = ("min", "p25", "p50", "p75", "p95", "max")


@lru_cache(maxsize=None)
def network(model, connected):
    """The smallest standard network of a kind; a record's number of cells is set afterwards."""
    return build(model, 4, connected)


def row(
    backend="tensorflow-cpu-f32", model="io", connected=True, cells=64, rtf=None, test="run", stats=True, **changes
):
    """An entry of `benchmarks`, with made-up numbers; changes go to its record."""
    made = record.blank(network(model, connected), BACKENDS[backend])
    made.update(cells=cells, dt_ms=0.025, model_ms=100, verdict="faithful", device="Made-up CPU", library_version="1.0")
    if rtf is not None:
        made.update(rtf=rtf, ns_per_cell_step=rtf * 1e9 / (40_000 * cells))
        made.update(build_s=0.01, compile_s=0.5, first_run_s=0.3 * rtf)
    made.update({"v1_mv": 1e-5, "floor_v1_mv": 1e-5, "step_error_v1_mv": 1e-3, **changes})
    name = f"test_{test}[{model}-{'connected' if connected else 'unconnected'}-{backend}-n={cells}]"
    seconds = 0.1 * (rtf or 1.0)
    timing = {"min": seconds, "median": 1.1 * seconds, "max": 1.2 * seconds, "rounds": 5}
    entry = {"fullname": f"tests/perf/test_{test}.py::{name}", "name": name, "extra_info": made}
    return {**entry, "stats": timing} if stats else entry


def failure(reason="ran out of memory", **options):
    """An entry of `failures`."""
    return {**row(stats=False, verdict="unjudged", **options), "reason": reason}


def experiment(name, **options):
    """A row of an experiment, with the keys that only its rows have."""
    keys: dict = {
        "setup": {"jit_s": 0.2, "setup_s": 0.71, "rtf": 1.1},
        "validation": {
            f"{span}_{q}_mv": 10.0 ** (i - 6) for span in ("first", "last") for i, q in enumerate(QUANTILES)
        },
        "stress": {"stable": True, "stress_spikes": 592, "lost": 0, "surplus": 1, "rms_mv": 0.01, "largest_mv": 2.5},
        "energy": {"energy_meter": "rapl", "energy_scope": "package", "power_w": 40.0, "idle_w": 15.0},
        "delays": {"delay_form": "ring buffer", "delay_max_ms": 20.0, "rtf": 0.4},
    }
    added = {"model_ms": {"validation": 10_000, "stress": 15_000}.get(name, 100), **keys[name]}
    if name == "energy":
        added.update(energy_j_per_model_s=44.0, energy_net_j_per_model_s=27.0, energy_window_s=5.0)
    return row(**{"experiment": name, "test": name, **added, **options})


def saved(path, rows, failures=(), floor=None, day="02", commit="0123456789abcdef", dirty=False, **machine):
    """Write a run as pytest-benchmark does, of a day in January; its path."""
    run: dict = {"machine_info": {**MACHINE, **machine}, "commit_info": {"id": commit, "dirty": dirty}}
    date = f"2026-01-{day}T03:04:05+00:00"
    run.update(datetime=date, version="5.3.1", benchmarks=rows, failures=list(failures), floor=floor)
    path.write_text(json.dumps(run))
    return path


def full(folder):
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
    rows += [row("emulated-bf16", rtf=None), row("groq-groqchip-f32", rtf=0.0001, device="stand-in")]
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
    here = saved(
        folder / "here.json",
        rows,
        [failure(), failure(backend="jax-cpu-f32", reason="hung for 600 s")],
        floor={"io connected": 8.0},
    )
    return [here, saved(folder / "there.json", fast, node="elsewhere", floor={"io connected": 0.02})]


MADE: dict = {}


def report(folders):
    """The folder of the report of `full`'s runs, made once a session, in a folder of `tmp_path_factory`."""
    from neurochip_bench.report.pool import pool
    from neurochip_bench.report.write import write

    if "report" not in MADE:
        folder = folders.mktemp("report")
        MADE["report"] = write(pool(full(folder)), folder / "out", dpi=30).parent
    return MADE["report"]
