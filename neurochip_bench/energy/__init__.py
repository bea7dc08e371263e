"""What a run costs in joules: a meter for each device that has one, and how a window of runs is measured with it."""

from __future__ import annotations

from neurochip_bench.energy.ipu import Gcipuinfo
from neurochip_bench.energy.measure import Measured, measure
from neurochip_bench.energy.meter import Meter, MeterError
from neurochip_bench.energy.nvml import Nvml
from neurochip_bench.energy.rapl import Rapl
from neurochip_bench.energy.tsp_ctl import TspCtl

METERS = {"cpu": Rapl, "gpu": Nvml, "ipu": Gcipuinfo, "groq": TspCtl}  # by the marker of a backend's device
UNMETERED = {"tpu": "a TPU has no public counter of power or energy"}


def missing(device: str) -> str | None:
    """None if the energy of a device can be read here, or one sentence that says why not."""
    if device in METERS:
        return METERS[device].missing()
    return UNMETERED.get(device, f"the energy of {device!r} has no meter: expected {', '.join(METERS)}")


__all__ = ["METERS", "UNMETERED", "Measured", "Meter", "MeterError", "measure", "missing"]
