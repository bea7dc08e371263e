"""What the energy of a row adds to its record and to the end of the session, and why it may not be measured."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from neurochip_bench import energy
from neurochip_bench.accuracy import RIGHT
from neurochip_bench.backends import BACKENDS
from neurochip_bench.keep.words import STAND_IN
from neurochip_bench.suite.summary import label

missing = lru_cache(maxsize=None)(energy.missing)  # asked once a session


def unmetered(item):
    """None, or why the energy of a row with the marker `energy` is not measured; None too for any other test."""
    if not item.get_closest_marker("energy"):
        return None
    if item.config.getoption("benchmark_disable"):
        return "energy is measured over the rounds of a benchmark, and --benchmark-disable runs one"
    return missing(BACKENDS[item.callspec.params["backend"]].mark)


def meter(backend, program):
    """The meter of what a program runs on."""
    kind: Any = energy.METERS[backend.mark]
    return kind(program.process_id)


def absent():
    """None if the energy of any backend that can run here is read here, else a sentence that says why not."""
    here = {backend.mark for backend in BACKENDS.values() if backend.timed and backend.missing() is None}
    reasons = {mark: missing(mark) for mark in sorted(here)}
    if None in reasons.values():
        return None
    return "energy was required, but " + "; ".join(f"{mark}: {reason}" for mark, reason in reasons.items())


def of_energy(measured, cell_steps, milliseconds):
    """The keys that a `Measured` adds, its runs having so many cells times steps and milliseconds."""
    per_model_s = 1e3 / milliseconds
    return {
        "energy_meter": measured.meter,
        "energy_scope": measured.scope,
        "power_w": measured.power_w,
        "idle_w": measured.idle_w,
        "energy_j_per_model_s": measured.run_j * per_model_s,
        "energy_net_j_per_model_s": measured.net_run_j * per_model_s,
        "energy_nj_per_cell_step": measured.run_j * 1e9 / cell_steps,
        "energy_window_s": measured.window_s,
        "energy_repeats": measured.repeats,
        "energy_counter_j": measured.counter_j,
        "energy_integral_j": measured.integral_j,
    }


def lines(records):
    """A line for each right row whose energy was measured, the least first; nothing of stand-ins."""
    found = [r for r in records if r.energy_j_per_model_s and r.verdict in RIGHT and r.device != STAND_IN]
    if not found:
        return []
    head = "Energy of a simulated second, and without what the device takes at rest:"
    return [head, *(_line(r) for r in sorted(found, key=lambda r: r.energy_j_per_model_s))]


def _line(record):
    gross, net = record.energy_j_per_model_s, record.energy_net_j_per_model_s
    cost = f"{record.power_w:.4g} W, {record.energy_nj_per_cell_step:.3g} nJ per cell and step"
    source = f"{record.energy_scope}, by {record.energy_meter}"
    return f"  {label(record)}: {gross:.3g} J, {net:.3g} J ({cost}; {source})"
