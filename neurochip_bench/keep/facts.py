"""What is known of a row, as fields of its record: before it runs, once a program is there, timed and judged."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec.structs import replace

from model.kernels import KERNELS
from model.network import Network, connectivity
from neurochip_bench.accuracy.verdict import UNJUDGED, Verdict
from neurochip_bench.keep.record import Facts, Record
from neurochip_bench.settings import Settings

if TYPE_CHECKING:
    from neurochip_bench.backends import Backend, Program


def blank(network: Network, backend: Backend, settings: Settings | None = None) -> Record:
    """The record of a row before anything has run, by standard settings if by no others; it reads "unjudged"."""
    kernel = KERNELS[network.kernel]
    settings = settings or Settings(kernel)
    record = Record(
        model=network.kernel,
        connectivity=connectivity(network.connected),
        topology=network.topology,
        backend=backend.id,
        library=backend.library,
        kind=backend.mark,
        accelerator=backend.on.accelerator,
        precision=backend.precision,
        cells=network.cells,
        connections=network.connections,
        units=f"{kernel.unit}, {kernel.time}",
        seed=network.seed,
        verdict=UNJUDGED,
        devices=backend.program.devices,
        processes=backend.program.processes,
    )
    return replace(record, **settings.facts())


def of_program(program: Program, milliseconds: int) -> Facts:
    """What a prepared program adds, and the length of its runs."""
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
        "devices": program.devices,
        "processes": program.processes,
        "virtual_devices": program.virtual_devices,
        "exchange": program.exchange,
        "exchange_bytes": program.exchange_bytes,
        "exchange_steps": program.exchange_steps,
    }


def of_timing(best_s: float, program: Program, milliseconds: int) -> Facts:
    """What the best round adds: real-time factor (wall s / model s), nanoseconds per cell and step."""
    cell_steps = milliseconds * program.settings.steps_per_ms * program.network.cells
    return {"rtf": best_s / (milliseconds * 1e-3), "ns_per_cell_step": best_s * 1e9 / cell_steps}


def of_verdict(verdict: Verdict) -> Facts:
    """What a verdict adds: its word, and each measure with its F and D, null where one is not finite."""
    added: Facts = {"verdict": verdict.word, "spikes": verdict.spikes, "judged_ms": verdict.milliseconds}
    added.update(judged_by=verdict.by, own_yardsticks=verdict.own)
    for name in verdict.errors:
        added[name] = finite(verdict.errors[name])
        added[f"floor_{name}"] = finite(verdict.floor[name])
        added[f"step_error_{name}"] = finite(verdict.step_error[name])
    return added


def finite(number: float) -> float | None:
    """The number as a float, or None: JSON knows no NaN."""
    return float(number) if math.isfinite(number) else None
