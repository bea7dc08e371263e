"""What a run costs in joules: a meter for each device that has one, and how a window of runs is measured with it."""

from __future__ import annotations

from neurochip_bench.backends.device import Device
from neurochip_bench.energy.ipu import Gcipuinfo
from neurochip_bench.energy.measure import Measured, measure
from neurochip_bench.energy.meter import Meter, MeterError
from neurochip_bench.energy.nvml import Nvml
from neurochip_bench.energy.rapl import Rapl
from neurochip_bench.energy.tsp_ctl import TspCtl

METERS: dict[str, type[Meter]] = {kind.name: kind for kind in (Rapl, Nvml, Gcipuinfo, TspCtl)}


def meter_of(device: Device) -> type[Meter] | None:
    """The meter of a device, which names one of `METERS` or brings its own; None where it has none that is known."""
    return METERS.get(device.meter) if isinstance(device.meter, str) else device.meter


def missing(device: Device) -> str | None:
    """None if the energy of a device can be read here, or one sentence that says why not."""
    kind = meter_of(device)
    if kind is None and device.meter is not None:
        return f"a {device.called} has the meter {device.meter!r}: expected one of {', '.join(METERS)}"
    return f"a {device.called} has no public counter of power or energy" if kind is None else kind.missing()


__all__ = ["METERS", "Measured", "Meter", "MeterError", "measure", "meter_of", "missing"]
