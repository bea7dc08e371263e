"""The record: what a saved timing says of itself, in flat JSON scalars, null where something is not known."""

from __future__ import annotations

import math

from model.network import connectivity
from neurochip_bench.accuracy import MEASURES, UNJUDGED
from neurochip_bench.keep.saved import SCHEMA

STAND_IN = "stand-in"  # the device of rows that no chip has run

ORIGIN = ("schema", "experiment", "model", "connectivity", "topology", "coupling", "rates", "accumulation")
WHERE = ("backend", "library", "library_version", "device", "precision", "threads")
HOW = ("tf32", "fast_math", "nodes", "form")
SIZE = ("cells", "connections", "dt_ms", "model_ms", "steps_per_call", "seed")
COST = ("build_s", "export_s", "compile_s", "first_run_s", "rtf", "ns_per_cell_step", "peak_memory_mb")
YARDSTICKS = tuple(f"{kind}_{name}" for kind in ("floor", "step_error") for name in MEASURES)
RIGHTNESS = ("verdict", *MEASURES, "spikes", "judged_ms", *YARDSTICKS)
KEYS = (*ORIGIN, *WHERE, *HOW, *SIZE, *COST, *RIGHTNESS)


def blank(network, backend, coupling=None):
    """The record of a row before anything has run; its verdict reads "unjudged"."""
    record = dict.fromkeys(KEYS)
    record.update(
        schema=SCHEMA,
        model=network.kernel,
        connectivity=connectivity(network.connected),
        topology=network.topology,
        coupling=coupling if network.connected else None,
        accumulation="plain",
        backend=backend.id,
        library=backend.library,
        precision=backend.precision,
        cells=network.cells,
        connections=network.connections,
        seed=network.seed,
        verdict=UNJUDGED,
    )
    return record


def experiment(name):
    """The experiment that a test belongs to, read off its name: "run" of "test_run[...]"."""
    return name.split("[")[0].removeprefix("test_")


def of_program(program, milliseconds):
    """What a prepared program adds to the record."""
    return {
        **program.settings.facts(),
        "library_version": program.library_version,
        "device": program.device_name,
        "threads": program.threads,
        "tf32": program.tf32,
        "fast_math": program.fast_math,
        "nodes": program.nodes,
        "form": program.form,
        "model_ms": milliseconds,
        "steps_per_call": program.steps_per_call(milliseconds),
        "export_s": program.export_s,
        "compile_s": program.compile_s,
    }


def of_timing(best_s, program, milliseconds):
    """What the best round adds: real-time factor (wall s / model s), nanoseconds per cell and step."""
    cell_steps = milliseconds * program.settings.steps_per_ms * program.network.cells
    return {"rtf": best_s / (milliseconds * 1e-3), "ns_per_cell_step": best_s * 1e9 / cell_steps}


def of_verdict(verdict):
    """What the judgement adds."""
    added = {"verdict": verdict.word, "spikes": verdict.spikes, "judged_ms": verdict.milliseconds}
    for name in verdict.errors:
        added[name] = finite(verdict.errors[name])
        added[f"floor_{name}"] = finite(verdict.floor[name])
        added[f"step_error_{name}"] = finite(verdict.step_error[name])
    return added


def finite(number):
    """The number as a float, or None: JSON knows no NaN."""
    return float(number) if math.isfinite(number) else None
