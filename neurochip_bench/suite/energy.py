"""What the energy of a row adds to its record and to the end of the session, and why it may not be measured."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Sequence

from neurochip_bench import energy
from neurochip_bench.accuracy import RIGHT
from neurochip_bench.backends import BACKENDS
from neurochip_bench.keep.entry import parameters_of
from neurochip_bench.keep.record import Facts, Record
from neurochip_bench.keep.words import STAND_IN
from neurochip_bench.suite.summary import label

if TYPE_CHECKING:
    import pytest

    from neurochip_bench.backends import Backend, Device, Program
    from neurochip_bench.energy.meter import Meter


@lru_cache(maxsize=None)
def missing(device: Device) -> str | None:
    """None, or why the energy of a device is not read here, asked once a session."""
    why: str | None = energy.missing(device)
    return why


def unmetered(item: pytest.Item) -> str | None:
    """None, or why the energy of a row with the marker `energy` is not measured; None too for any other test."""
    if not item.get_closest_marker("energy"):
        return None
    if item.config.getoption("benchmark_disable"):
        return "energy is measured over the rounds of a benchmark, and --benchmark-disable runs one"
    return missing(BACKENDS[parameters_of(item)["backend"]].on)


def meter(backend: Backend, program: Program) -> Meter:
    """The meter of what a program runs on."""
    kind = energy.meter_of(backend.on)
    assert kind is not None  # the row was skipped
    return kind(program.process_id)


def absent() -> str | None:
    """None if the energy of any backend that can run here is read here, else a sentence that says why not."""
    here = {backend.mark: backend.on for backend in BACKENDS.values() if backend.timed and backend.missing() is None}
    reasons = {mark: missing(device) for mark, device in sorted(here.items())}
    if None in reasons.values():
        return None
    return "energy was required, but " + "; ".join(f"{mark}: {reason}" for mark, reason in reasons.items())


def of_energy(measured: energy.Measured, cell_steps: float, milliseconds: int) -> Facts:
    """The fields that a `Measured` adds, its runs having so many cells times steps and milliseconds."""
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


def lines(records: Sequence[Record]) -> list[str]:
    """A line for each right row whose energy was measured, the least first; nothing of stand-ins."""
    right = [record for record in records if record.verdict in RIGHT and record.device != STAND_IN]
    found = [(record.energy_j_per_model_s, _line(record)) for record in right if record.energy_j_per_model_s]
    if not found:
        return []
    head = "Energy of a simulated second, and without what the device takes at rest:"
    return [head, *(line for _, line in sorted(found, key=lambda entry: entry[0]))]


def _line(record: Record) -> str:
    gross, net = record.energy_j_per_model_s, record.energy_net_j_per_model_s
    cost = f"{record.power_w:.4g} W, {record.energy_nj_per_cell_step:.3g} nJ per cell and step"
    source = f"{record.energy_scope}, by {record.energy_meter}"
    return f"  {label(record)}: {gross:.3g} J, {net:.3g} J ({cost}; {source})"
