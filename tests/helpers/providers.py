"""A stand-in for the part of ONNX Runtime that takes plugin libraries in: strict about it, and the CPU does the work.

Names, argument lists and types are those of ONNX Runtime 1.32, which a test compares with the one that is installed; as
there, devices are listed once their library is registered, and what is bound is copied to the device where it is bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import onnxruntime

NAME = "AcmeExecutionProvider"
SIGNATURES = {
    "register_execution_provider_library": "register_execution_provider_library(arg0: str, arg1: str) -> None",
    "get_ep_devices": "get_ep_devices() -> list[OrtEpDevice]",
}
REAL: Any = onnxruntime.InferenceSession  # before another stands in its place


def device(kind, number, provider=NAME):
    """What `get_ep_devices` has for a device."""
    names = ("AcmeChip", "")[kind == "CPU"]
    hardware = SimpleNamespace(
        type=SimpleNamespace(name=kind),
        vendor="Acme",
        vendor_id=0xACE,
        device_id=number,
        metadata={"Description": names},
    )
    plugin = {"version": "3.1", "library_path": "unknown"}
    return SimpleNamespace(ep_name=provider, ep_vendor="Acme", ep_metadata=plugin, ep_options={}, device=hardware)


class Plugged:
    """What was registered and chosen, and the functions in the place of ONNX Runtime's."""

    def __init__(self, devices):
        self.devices, self.registered, self.chosen = devices, {}, {}

    def register_execution_provider_library(self, name, path, /):
        assert (type(name), type(path)) == (str, str)
        if not Path(path).is_file():
            raise RuntimeError(
                f"[ONNXRuntimeError] : 1 : FAIL : Failed to load library {path} with error: no such file"
            )
        if name in self.registered:
            raise RuntimeError(f"[ONNXRuntimeError] : 1 : FAIL : EP library is already registered under {name}")
        self.registered[name] = path

    def get_ep_devices(self):
        return [device("CPU", 0, "CPUExecutionProvider"), *(self.devices if self.registered else [])]

    def add_provider_for_devices(self, options, devices, settings, /):
        assert isinstance(devices, list)
        assert devices
        assert all(any(given is known for known in self.devices) for given in devices)
        assert len({given.ep_name for given in devices}) == 1
        assert isinstance(settings, Mapping)
        assert all(isinstance(text, str) for item in settings.items() for text in item)
        self.chosen[id(options)] = devices[0]

    def session(self, model, sess_options=None, providers=None, provider_options=None, **options):
        """A session on what was chosen; ONNX Runtime would take providers that are named here instead."""
        assert type(model) is bytes
        if id(sess_options) not in self.chosen:
            return REAL(model, sess_options, providers, provider_options, **options)
        assert providers is None
        return Session(self.chosen.pop(id(sess_options)), model, sess_options, **options)

    def install(self, patch):
        """Stand in for ONNX Runtime's own."""
        for name in SIGNATURES:
            patch.setattr(onnxruntime, name, getattr(self, name))
        add = self.add_provider_for_devices
        patch.setattr(onnxruntime.SessionOptions, "add_provider_for_devices", lambda self, *given: add(self, *given))
        patch.setattr(onnxruntime, "InferenceSession", self.session)
        return self


class Session(REAL):
    """A session that says it runs on the device, and copies what is bound, as it does for memory of a device."""

    leaves: tuple = ()  # operators that the provider leaves to the CPU

    def __init__(self, chosen, model, options, enable_fallback=1):
        assert enable_fallback == 0
        self.chosen = chosen
        super().__init__(model, options, providers=["CPUExecutionProvider"])

    def get_providers(self):
        return [self.chosen.ep_name, "CPUExecutionProvider"]

    def get_provider_graph_assignment_info(self):
        found = []
        for part in super().get_provider_graph_assignment_info():
            for node in part.get_nodes():
                name = "CPUExecutionProvider" if node.op_type in self.leaves else self.chosen.ep_name
                found.append(SimpleNamespace(ep_name=name, get_nodes=lambda node=node: [node]))
        return found

    def io_binding(self):
        return Binding(self)


class Binding(onnxruntime.IOBinding):
    """A binding whose inputs are what they were when they were bound."""

    def bind_ortvalue_input(self, name, ortvalue):
        copy = onnxruntime.OrtValue.ortvalue_from_numpy(ortvalue.numpy().copy())
        self.held = {**getattr(self, "held", {}), name: copy}
        super().bind_ortvalue_input(name, copy)
