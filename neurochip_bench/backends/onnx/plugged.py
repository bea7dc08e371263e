"""Execution providers by name: one of the installed wheel, or one that a plugin library brings, and its device."""

from __future__ import annotations

import pkgutil
import sys
from functools import lru_cache
from importlib import import_module
from typing import NamedTuple

import numpy as np

from neurochip_bench.backends.host import cpu_name
from neurochip_bench.backends.libraries import Handle, Library
from neurochip_bench.backends.onnx.file import first_row
from neurochip_bench.backends.onnx.session import load_onnxruntime, open_session

SUFFIX = "ExecutionProvider"
PREFIXES = ("onnxruntimeep", "onnxruntime")  # of a package with a plugin: onnxruntime_ep_openvino, onnxruntime_qnn


class Found(NamedTuple):
    """A provider's device, None where the wheel has the provider and tells of no device; and the plugin's library."""

    device: Handle
    library: str


def short(provider: str) -> str:
    """What a provider is called in ids: "qnn" of QNNExecutionProvider."""
    return (provider[: -len(SUFFIX)] if provider.endswith(SUFFIX) else provider).lower()


def package_of(provider: str) -> str | None:
    """The installed package that brings a provider's plugin, by the names that such packages have; None without one."""
    names = [prefix + short(provider) for prefix in PREFIXES]
    found = (module.name for module in pkgutil.iter_modules() if module.name.startswith("onnxruntime_"))
    return next((name for name in found if name.replace("_", "") in names), None)


def library_of(provider: str) -> str:
    """The path of the library that an installed package brings for a provider; empty where there is none."""
    package = package_of(provider)
    return "" if package is None else str(import_module(package).get_library_path())


@lru_cache(maxsize=None)  # a library is registered once in a process
def found(provider: str, library: str) -> Found:
    """A provider's device, an accelerator before a processor; raises RuntimeError where it has none."""
    ort = load_onnxruntime()
    library = library or library_of(provider)
    if library:
        ort.register_execution_provider_library(provider, library)
    elif provider not in ort.get_available_providers():
        known = ", ".join(ort.get_available_providers())
        raise RuntimeError(f"it has {known}, and no installed package brings a library for another")
    devices = [device for device in ort.get_ep_devices() if device.ep_name == provider]
    if library and not devices:
        raise RuntimeError(f"{library} lists no device of it here")
    devices.sort(key=lambda device: device.device.type.name == "CPU")
    return Found(devices[0] if devices else None, library)


def opened(ort: Library, model: Handle, provider: str, where: Found, threads: int) -> Handle:
    """A session of a model on a provider; raises RuntimeError where it runs on another."""
    return open_session(ort, model, [provider], threads, where.device if where.library else None)


def called(provider: str, device: Handle) -> str:
    """What a device is, as far as its provider tells."""
    if device is None:
        return provider
    hardware = device.device
    if hardware.type.name == "CPU":
        return f"{cpu_name()} ({provider})"
    number = f"{hardware.vendor} {hardware.type.name} {hardware.vendor_id:04x}:{hardware.device_id:04x}".strip()
    return f"{hardware.metadata.get('Description') or number} ({provider})"


def try_it() -> None:
    """Print "found" and the library if a provider, named by the process's arguments, runs a graph of one node."""
    provider, library = sys.argv[1:]
    where, state = found(provider, library), np.ones((2, 4), np.float32)
    session = opened(load_onnxruntime(), first_row(2, 4, state.dtype), provider, where, 1)
    session.run(["row"], {"state": state})
    takers = [part.ep_name for part in session.get_provider_graph_assignment_info()]
    if takers != [provider]:
        raise RuntimeError(f"it left the only node to {', '.join(takers) or 'nobody'}")
    print("found", where.library)
