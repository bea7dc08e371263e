"""Chips that plug into ONNX Runtime: an execution provider that is named becomes a backend, without a line of code.

Looking for a provider's devices loads its library and may start them, so that a process of its own does it first, which
may die.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path
from typing import Iterable, Sequence

from model.network import Network
from neurochip_bench.additions.sources import word
from neurochip_bench.backends.backend import Backend
from neurochip_bench.backends.device import Device
from neurochip_bench.backends.libraries import Handle
from neurochip_bench.backends.onnx import plugged
from neurochip_bench.backends.onnx.runtime import Bound, OnnxruntimeProgram
from neurochip_bench.backends.registry import BACKENDS
from neurochip_bench.backends.remote.survive import survived

PROBE_S = 120
PROBE = "import sys; sys.path[:] = {!r}; from neurochip_bench.backends.onnx.plugged import try_it; try_it()"


@lru_cache(maxsize=None)
def probed(provider: str, library: str) -> str | None:
    """None if a provider runs a graph of one node, or one sentence."""
    answered, text = survived([sys.executable, "-c", PROBE.format(sys.path), provider, library], PROBE_S)
    said = (text.strip().splitlines() or ["nothing"])[-1].rpartition(" / ")[2]
    return None if answered and said.startswith("found ") else f"ONNX Runtime cannot use {provider}: {said}"


class NamedProgram(OnnxruntimeProgram):
    """A network run by an execution provider that the user names; a node that it leaves to the CPU is an error.

    State and stimulus are in the memory of this machine, and ONNX Runtime moves them to the device for each call. It
    does so where an input is bound, and not where a binding is run, so that they are bound anew.
    """

    library = ""  # a plugin's; empty: that of an installed package, or the wheel has the provider
    forms = ("calls", "unrolled")  # the body of a Loop is started from the CPU

    @classmethod
    def _no_device(cls) -> str | None:
        return probed(cls.provider, cls.library)

    def best_coupling(self, network: Network) -> str:
        """Padded, which is made of what every provider has: some reject a scatter that adds, or overwrite instead."""
        return "padded"

    def _compile(self) -> None:
        self._where = plugged.found(self.provider, self.library)
        self.device_name = plugged.called(self.provider, self._where.device)
        version = self._where.device.ep_metadata.get("version") if self._where.library else None
        self.library_version = f"{self._ort.__version__}, plugin {version}" if version else self._ort.__version__
        super()._compile()

    def _open(self, model: Handle) -> Handle:
        return plugged.opened(self._ort, model, self.provider, self._where, self.threads)

    _open_reader = _open

    def _load(self) -> None:
        super()._load()
        for bound in (*self._readers, *self._calls[0], *self._calls[1]):
            bind(bound, bound.inputs)

    def _run_bound(self, bound: Bound) -> None:
        bind(bound, ("stimulus", *self._sides[0]))
        super()._run_bound(bound)


def bind(bound: Bound, names: Iterable[str]) -> None:
    """Bind inputs of some names anew, with what they are now."""
    for name in names:
        if name in bound.inputs:
            bound.binding.bind_ortvalue_input(name, bound.inputs[name])


def split(text: str) -> tuple[str, str]:
    """The provider and the library in "NAME" or "NAME=LIBRARY"; raises ValueError for a library that is no file."""
    provider, given, library = text.partition("=")
    if given and not Path(library).is_file():
        raise ValueError(f"is {text!r}: there is no file {library!r}: expected a library's path after =")
    return provider, str(Path(library).resolve()) if given else ""


def device_word(provider: str, library: str) -> str:
    """What a provider is called as a device; raises ValueError for a name that is none, or known."""
    known = {backend.device for backend in BACKENDS.values()} | {backend.mark for backend in BACKENDS.values()}
    name = word(plugged.short(word(provider)))
    plugin = f"{name}_plugin" if library or plugged.package_of(provider) else name
    free = [candidate for candidate in (name, plugin) if candidate not in known]
    if not free:
        raise ValueError(f"is {provider!r}, which is a device already: expected one that no backend is for")
    return free[0]


def add(texts: Sequence[str]) -> None:
    """Make a backend of each provider; raises ValueError for what is none, or known."""
    for text in texts:
        provider, library = split(text)
        name = device_word(provider, library)
        kind = type(
            "NamedProgram", (NamedProgram,), {"provider": provider, "library": library, "__doc__": NamedProgram.__doc__}
        )
        backend = Backend("onnxruntime", name, "f32", kind, Device(name, f"device of ONNX Runtime's {provider}"))
        BACKENDS[backend.id] = backend
