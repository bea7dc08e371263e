"""What a run costs in joules: a meter for each device that has one, and how a window of runs is measured with it."""

from __future__ import annotations

from model.energy.ipu import Gcipuinfo
from model.energy.measure import Measured, measure
from model.energy.meter import Meter, MeterError
from model.energy.nvml import Nvml
from model.energy.rapl import Rapl
from model.energy.tsp_ctl import TspCtl

METERS = {"cpu": Rapl, "gpu": Nvml, "ipu": Gcipuinfo, "groq": TspCtl}  # by the marker of a backend's device
UNMETERED = {"tpu": "a TPU has no public counter of power or energy"}


def missing(device):
    """None if the energy of a device can be read here, or one sentence that says why not."""
    if device in METERS:
        return METERS[device].missing()
    return UNMETERED.get(device, f"the energy of {device!r} has no meter: expected {', '.join(METERS)}")


__all__ = ["METERS", "UNMETERED", "Measured", "Meter", "MeterError", "measure", "missing"]
