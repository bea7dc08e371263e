"""What an NVIDIA GPU says of its clock, and of what holds it back, by NVML."""

from __future__ import annotations

from neurochip_bench.energy.meter import MeterError
from neurochip_bench.energy.nvml import Nvml

# A power cap holds most boards back under any load: it belongs to the device. These do not.
SLOWED = {
    "nvmlClocksThrottleReasonSwThermalSlowdown": "heat",
    "nvmlClocksThrottleReasonHwThermalSlowdown": "heat",
    "nvmlClocksThrottleReasonHwPowerBrakeSlowdown": "the power supply",
    "nvmlClocksThrottleReasonHwSlowdown": "the hardware",
}


class Clocks(Nvml):
    """The clocks of the GPU that CUDA calls its first."""

    def clock_mhz(self) -> float:
        """What its multiprocessors run at now; raises MeterError where it does not tell."""
        with self._asking("tell the clock"):
            return float(self._nvml.nvmlDeviceGetClockInfo(self._handle, self._nvml.NVML_CLOCK_SM))

    def slowed_by(self) -> str | None:
        """What holds its clocks back now, in words, or None; raises MeterError where it does not tell."""
        with self._asking("tell what holds its clocks back"):
            reasons = self._nvml.nvmlDeviceGetCurrentClocksThrottleReasons(self._handle)
        return next((words for name, words in SLOWED.items() if reasons & getattr(self._nvml, name)), None)


def opened() -> Clocks | None:
    """The clocks of the GPU, open, or None where nothing tells of them."""
    told = Clocks()
    try:
        told.open()
    except MeterError:
        return None
    try:
        told.clock_mhz()
        told.slowed_by()
    except MeterError:
        told.close()
        return None
    return told
