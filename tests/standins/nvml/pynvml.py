"""A stand-in for NVIDIA's `pynvml`: the names, arguments, types and order of calls of the real one, and their errors.

`GPUS` is the machine: what each GPU says, an `NVMLError` being raised. Energy is in mJ, power in mW, as the real ones.
"""

from __future__ import annotations

from ctypes import POINTER, Structure

NVML_ERROR_UNINITIALIZED, NVML_ERROR_INVALID_ARGUMENT, NVML_ERROR_NOT_SUPPORTED = 1, 2, 3
NVML_ERROR_NO_PERMISSION, NVML_ERROR_DRIVER_NOT_LOADED = 4, 9
NVML_DEVICE_MIG_DISABLE, NVML_DEVICE_MIG_ENABLE = 0, 1
NVML_CLOCK_SM = 1
nvmlClocksThrottleReasonSwPowerCap, nvmlClocksThrottleReasonHwSlowdown = 4, 8
nvmlClocksThrottleReasonSwThermalSlowdown, nvmlClocksThrottleReasonHwThermalSlowdown = 32, 64
nvmlClocksThrottleReasonHwPowerBrakeSlowdown = 128
WORDS = {1: "Uninitialized", 2: "Invalid Argument", 3: "Not Supported", 4: "Insufficient Permissions"}
WORDS[9] = "Driver Not Loaded"


class NVMLError(Exception):
    def __init__(self, value):
        super().__init__(value)
        self.value = value

    def __str__(self):
        return WORDS[self.value]


class NVMLError_NotSupported(NVMLError):
    def __init__(self):
        super().__init__(NVML_ERROR_NOT_SUPPORTED)


class struct_c_nvmlDevice_t(Structure):
    pass


c_nvmlDevice_t = POINTER(struct_c_nvmlDevice_t)

H100 = {
    "name": "NVIDIA H100 80GB HBM3",
    "uuid": "GPU-5f1a4e",
    "mj": 10**9,
    "mw": 70_123,
    "mig": NVMLError_NotSupported(),
    "mhz": 1980,
    "slowed": 0,
}
GPUS: list = []
DRIVER = {"loaded": True, "open": 0}
_HANDLES: list = []


def machine(*changes):
    """Set GPUs up, each an H100 with changes; nothing is initialised."""
    DRIVER.update(loaded=True, open=0)
    GPUS[:] = [{**H100, **change} for change in changes]
    _HANDLES[:] = [c_nvmlDevice_t(struct_c_nvmlDevice_t()) for _ in GPUS]


def _initialised():
    if not DRIVER["open"]:
        raise NVMLError(NVML_ERROR_UNINITIALIZED)


def _of(handle, key):
    _initialised()
    assert isinstance(handle, c_nvmlDevice_t), f"a handle is {handle!r}: expected one of nvmlDeviceGetHandleByIndex"
    value = next(gpu[key] for gpu, known in zip(GPUS, _HANDLES) if known is handle)
    if isinstance(value, NVMLError):
        raise value
    return value() if callable(value) else value


def nvmlInit():
    if not DRIVER["loaded"]:
        raise NVMLError(NVML_ERROR_DRIVER_NOT_LOADED)
    DRIVER["open"] += 1


def nvmlShutdown():
    _initialised()
    DRIVER["open"] -= 1


def nvmlDeviceGetCount():
    _initialised()
    return len(GPUS)


def nvmlDeviceGetHandleByIndex(index):
    _initialised()
    assert isinstance(index, int)
    if not 0 <= index < len(GPUS):
        raise NVMLError(NVML_ERROR_INVALID_ARGUMENT)
    return _HANDLES[index]


def nvmlDeviceGetName(handle):
    return _of(handle, "name")


def nvmlDeviceGetUUID(handle):
    return _of(handle, "uuid")


def nvmlDeviceGetMigMode(device):
    return _of(device, "mig")


def nvmlDeviceGetPowerUsage(handle):
    return _of(handle, "mw")


def nvmlDeviceGetTotalEnergyConsumption(handle):
    return _of(handle, "mj")


def nvmlDeviceGetClockInfo(handle, type):  # noqa: A002 - the vendor's name
    assert type == NVML_CLOCK_SM
    return _of(handle, "mhz")


def nvmlDeviceGetCurrentClocksThrottleReasons(handle):
    return _of(handle, "slowed")
