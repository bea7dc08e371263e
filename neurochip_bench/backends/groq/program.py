"""A GroqChip, programmed with ONNX: the state stays on the chip, tied between the programs of a package.

Padded coupling: gathers and sums are what is known to compile. The published code had a ScatterND that adds, which the
compiler took, and of which Landsmeer et al. 2024 write that it becomes products with one-hot matrices.
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import tempfile
import weakref
from functools import lru_cache
from pathlib import Path
from typing import Callable

import numpy as np

from model.arrays import Array, Codes, Reals
from model.checks import one_of
from model.network import Network
from neurochip_bench.backends import probes
from neurochip_bench.backends.groq.files import GIVEN, NAMES, RESULT, as_input, kept, package, request_for
from neurochip_bench.backends.groq.tools import build_package
from neurochip_bench.backends.libraries import Handle, Library, installed
from neurochip_bench.backends.onnx.step import Request
from neurochip_bench.backends.program import Program
from neurochip_bench.backends.remote.home import PARTS
from neurochip_bench.backends.remote.program import RemoteProgram
from neurochip_bench.settings import Settings

PYTHON, NAME = "NEUROCHIP_GROQ_PYTHON", "NEUROCHIP_GROQ_NAME"
FORMS = ("calls", "unrolled")


class Part:
    """A program of a package with a buffer for what it takes and one for what it gives."""

    def __init__(self, runtime: Library, program: Handle) -> None:
        self.program = program
        entry = program.entry_points[0]
        self._arrays = [runtime.BufferArray(side, 1) for side in (entry.input, entry.output)]
        self.inputs = {tensor.name: tensor for tensor in entry.input.tensors}
        self._outputs = {tensor.name: tensor for tensor in entry.output.tensors}

    def feed(self, name: str, array: Array) -> None:
        """Set an input; it stays set."""
        self.inputs[name].from_host(array, self._arrays[0][0])

    def run(self, device: Handle) -> None:
        """Run once, to the end."""
        device.invoke(self._arrays[0][0], self._arrays[1][0])

    def result(self, name: str) -> Array:
        """An output of the last run."""
        array = self._outputs[name].allocate_numpy_array()
        self._outputs[name].to_host(self._arrays[1][0], array)
        return array


class Card:
    """The card of this process and the program whose package is on it: loading another's overwrites it."""

    def __init__(self, runtime: Library) -> None:
        self.device = runtime.Driver().next_available_device()
        self.device.__enter__()
        atexit.register(self.device.__exit__, None, None, None)  # a card is one process's at a time
        self._holder: Callable[[], GroqProgram | None] = lambda: None

    def give_to(self, program: GroqProgram) -> None:
        """Load a program's package, unless it is there; what another kept on the chip is saved first."""
        holder = self._holder()
        if holder is program:
            return
        if holder is not None:
            holder.saved = holder.read()
        for name, part in program.parts.items():
            self.device.load(part.program, **({} if name == NAMES[0] else {"unsafe_keep_entry_points": True}))
        self._holder = weakref.ref(program)
        program.write(program.saved)


@lru_cache(maxsize=None)
def _card() -> tuple[Library, Card]:
    import groq.runtime as runtime

    return runtime, Card(runtime)


class GroqProgram(Program):
    """A network on the GroqChip of this process.

    form   "calls": one step in a run of the program; "unrolled": the steps of a millisecond, one after another
    """

    options = ("form",)
    threads = None

    def __init__(self, dtype: np.dtype, network: Network, settings: Settings, *, form: str = "calls") -> None:
        self.form = one_of("form", form, FORMS)
        runtime, self._card = _card()
        self.library_version = getattr(runtime, "__version__", None)
        self.device_name = os.environ.get(NAME, "GroqChip")
        super().__init__(dtype, network, settings)

    @staticmethod
    def missing() -> str | None:
        """None, or one sentence: no ONNX, no SDK, another package of its name, no tools, no card, or no use of it."""
        if not installed("onnx"):
            return f"onnx is not installed: expected it in the Python that {PYTHON} names"
        return probes.groq_library(importlib.util.find_spec("groq"), PYTHON) or probes.groq()

    def best_coupling(self, network: Network) -> str:
        """Padded, whose gathers and sums are what is known to compile."""
        return "padded"

    def steps_per_call(self, milliseconds: int) -> int:
        """Steps that one run of the program makes."""
        return 1 if self.form == "calls" else self.settings.steps_per_ms

    def _request(self) -> Request:
        return request_for(self.network, self.settings, self.graph, self.dtype)

    def _compile(self) -> None:
        runtime, _ = _card()
        self._folder = tempfile.TemporaryDirectory(prefix="groq-")  # removed with the program
        models = package(self._request(), self.steps_per_call(1))
        path = build_package(models, Path(self._folder.name), large=self.form == "unrolled")
        programs = runtime.IOProgram(str(path))
        self.parts = {name: Part(runtime, programs[i]) for i, name in enumerate(NAMES)}
        self.saved = kept(self._request())

    def write(self, array: Reals) -> None:
        """Put what is kept on the chip there."""
        self.parts["load"].feed(GIVEN, array)
        self.parts["load"].run(self._card.device)

    def read(self) -> Reals:
        """What is kept on the chip."""
        self.parts["read"].run(self._card.device)
        return self.parts["read"].result(RESULT)

    def _feed(self, name: str, value: Array) -> None:
        if name in self.parts["steps"].inputs:  # the compiler may leave out what nothing depends on
            self.parts["steps"].feed(name, as_input(value, self.dtype))

    def _load(self) -> None:
        self._card.give_to(self)
        request = self._request()
        self.write(kept(request))
        for name, value in request.feeds().items():
            self._feed(name, value)

    def _advance(self, milliseconds: int, stimulus: Reals | None) -> tuple[Reals, Codes]:
        self._card.give_to(self)
        trace = np.empty((milliseconds, self.network.cells), self.dtype)
        codes = np.empty((milliseconds, self.network.cells), np.int32)
        code = len(self._request().carried()["state"]) + 1  # behind what is armed
        for m in range(milliseconds):
            self._feed("stimulus", np.zeros(self.network.cells) if stimulus is None else stimulus[m])
            for j in range(self.settings.steps_per_ms // self.steps_per_call(1)):
                self._feed("step", float(j))
                self.parts["steps"].run(self._card.device)
            after = self.read()
            trace[m], codes[m] = after[0], after[code]
        return trace, codes

    def _state(self) -> Reals:
        self._card.give_to(self)
        return self.read()[: len(self.network.state)]


class RemoteGroqProgram(RemoteProgram, GroqProgram):
    """A network on a GroqChip, in a worker under the Python of Groq's runtime."""

    sdk = f"GroqWare; its Python in `{PYTHON}`"
    there, variable = GroqProgram, PYTHON
    needs = (
        *PARTS, "files.py", "backends/tracer.py",
        *(f"backends/groq/{name}.py" for name in ("__init__", "files", "program", "tools")),
        *(f"backends/onnx/{name}.py" for name in ("__init__", "file", "graph", "ops", "stacks", "step", "write")),
    )  # fmt: skip
