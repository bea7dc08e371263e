"""NVML: the energy counter of an NVIDIA GPU's board since its driver was loaded, and its power beside it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import Iterator

from neurochip_bench.backends.libraries import Handle, Library, installed
from neurochip_bench.energy.meter import Meter, MeterError, Reading, positive_watts

VISIBLE, ORDER = "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"
WHOLE = "expected a whole GPU, since NVML counts no part's energy"


def load_pynvml() -> Library:
    """NVIDIA's Python module, imported."""
    if not installed("pynvml"):
        raise MeterError("nvidia-ml-py is not installed (python -m pip install 'neurochip-bench[energy]')")
    import pynvml

    return pynvml


class Nvml(Meter):
    """The GPU that CUDA calls its first in this process, which is the one that programs run on.

    The counter moves in steps of up to 100 ms, the power is an average over up to a second: both want long windows.
    GPUs older than Volta have no counter; theirs is the power alone.
    """

    name, scope, unit_j, interval_s = "nvml", "board", 1e-3, 0.1

    def open(self) -> None:
        """Find the GPU and whether it counts."""
        self._nvml = load_pynvml()
        with self._asking("answer"):
            self._nvml.nvmlInit()
        try:
            with self._asking("tell of the GPU"):
                self._handle = self._first()
                self._refuse_parts()
                self.spans = (None,) if self._counts() else ()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let NVML go."""
        self._nvml.nvmlShutdown()

    def read(self) -> Reading:
        """Millijoules, if the GPU counts, and watts."""
        with self._asking("tell power and energy"):
            watts = self._nvml.nvmlDeviceGetPowerUsage(self._handle) / 1e3
            counters = (self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle),) if self.spans else ()
        return Reading(counters, positive_watts(self.name, watts))

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        try:
            yield
        except self._nvml.NVMLError as error:
            raise MeterError(f"NVML does not {what}: {error}") from None

    def _first(self) -> Handle:
        """The handle of CUDA's first GPU: NVML orders by bus, CUDA by speed unless told otherwise."""
        nvml, first = self._nvml, os.environ.get(VISIBLE, "0").split(",")[0].strip()
        handles = [nvml.nvmlDeviceGetHandleByIndex(i) for i in range(nvml.nvmlDeviceGetCount())]
        if first.startswith("MIG"):
            raise MeterError(f"{VISIBLE} names {first}, a part of a GPU: {WHOLE}")
        if first.isdecimal():
            return self._by_number(handles, int(first))
        found = [handle for handle in handles if first and nvml.nvmlDeviceGetUUID(handle).startswith(first)]
        if len(found) != 1:
            raise MeterError(f"{VISIBLE} starts with {first!r}, which names {len(found)} GPUs: expected one")
        return found[0]

    def _by_number(self, handles: list[Handle], number: int) -> Handle:
        names = {self._nvml.nvmlDeviceGetName(handle) for handle in handles}
        if len(names) > 1 and os.environ.get(ORDER) != "PCI_BUS_ID":
            known = ", ".join(sorted(names))
            raise MeterError(f"it is not known which GPU CUDA calls {number} ({known}): set {ORDER}=PCI_BUS_ID")
        if number >= len(handles):
            raise MeterError(f"CUDA's first GPU is number {number}, and NVML knows {len(handles)}")
        return handles[number]

    def _refuse_parts(self) -> None:
        try:
            current, _ = self._nvml.nvmlDeviceGetMigMode(self._handle)
        except self._nvml.NVMLError_NotSupported:
            return  # a GPU that cannot be divided
        if current == self._nvml.NVML_DEVICE_MIG_ENABLE:
            raise MeterError(f"the GPU is divided by MIG: {WHOLE}")

    def _counts(self) -> bool:
        try:
            self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle)
        except self._nvml.NVMLError_NotSupported:
            return False
        return True
