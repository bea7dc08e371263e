"""ONNX Runtime: one file per network, run by the execution provider that was asked for, or not at all.

State is kept in two buffers on the device, bound alternately as input and output; graph and parameters are copied there
once; what is recorded comes back each millisecond. What each choice is worth: docs/onnx.md.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Mapping, NamedTuple

import numpy as np

from model.arrays import Array, Codes, Reals
from model.checks import one_of, whole_number
from model.coupling import padded
from model.network import Network
from neurochip_bench.backends.host import cores, cpu_name
from neurochip_bench.backends.libraries import Handle, installed
from neurochip_bench.backends.onnx.export import CONVERTERS, step_of
from neurochip_bench.backends.onnx.file import build_file, first_row
from neurochip_bench.backends.onnx.read import read
from neurochip_bench.backends.onnx.session import (
    CPU,
    WHEELS,
    Provider,
    installed_wheels,
    load_onnxruntime,
    open_session,
)
from neurochip_bench.backends.onnx.step import STACKED_CELLS, Request, in_file
from neurochip_bench.backends.program import Program
from neurochip_bench.settings import Settings

ENTRIES_WORTH_THREADS = 100_000  # cells and connections together, from which all cores are faster than one


class Bound(NamedTuple):
    """A session's binding, and what it reads, by name."""

    session: Handle
    binding: Handle
    inputs: Mapping[str, Handle]


class OnnxruntimeProgram(Program):
    """A network run by ONNX Runtime's CPU provider; other providers are subclasses.

    form       "loop": the steps of a millisecond in one call, as a Loop; "unrolled": one after another; "calls": one
               step in a call; None for the faster of loop and calls at this size
    threads    of this program; None for the fastest at this size
    converter  how the file is made, see `neurochip_bench.backends.onnx.export`
    file       path of an exported file to run instead of one that is made; it decides the form
    """

    extra = "onnx"
    distributions: tuple[str, ...] = ("onnx*", "tf2onnx")
    options = ("form", "threads", "converter", "file")
    provider = CPU
    wheels: tuple[str, ...] = WHEELS  # that have the provider
    memory = "cpu"  # where the buffers are
    forms: tuple[str, ...] = ("loop", "calls", "unrolled")  # that the provider can run
    device_name = cpu_name()
    threads: int

    def __init__(
        self,
        dtype: np.dtype,
        network: Network,
        settings: Settings,
        *,
        form: str | None = None,
        threads: int | None = None,
        converter: str = "traced",
        file: str | Path | None = None,
    ) -> None:
        looped = "loop" in self.forms and network.cells <= STACKED_CELLS and self.memory == "cpu"
        looped = looped and network.delays is None  # a Loop copies the ring once more
        self.form = ("loop" if looped else "calls") if form is None else one_of("form", form, self.forms)
        self._converter = one_of("converter", converter, CONVERTERS)
        self._file = file
        if file is not None and (form is not None or converter != "traced"):
            raise ValueError("file is given: expected neither form nor converter, which the file has decided")
        threads = None if threads is None else whole_number("threads", threads, 1, cores())
        many = network.cells + network.connections >= ENTRIES_WORTH_THREADS
        self.threads = threads or (cores() if many else 1)
        self._ort = load_onnxruntime()
        self.library_version = self._ort.__version__
        super().__init__(dtype, network, settings)

    @classmethod
    def missing(cls) -> str | None:
        """None, or a sentence: no wheel, another wheel, or no hardware."""
        if not installed("onnx", "onnxruntime"):
            return f"ONNX Runtime is not installed (python -m pip install 'neurochip-bench[{cls.extra}]')"
        wheels = installed_wheels()
        if len(wheels) > 1:
            return f"{' and '.join(wheels)} are installed over each other: expected one of them in an environment"
        if wheels and wheels[0] not in cls.wheels:
            return (
                f"{wheels[0]} is installed: expected {cls.wheels[0]} (extra '{cls.extra}') in an environment of its own"
            )
        return cls._no_device()

    @classmethod
    def _no_device(cls) -> str | None:
        return None

    def steps_per_call(self, milliseconds: int) -> int:
        """Steps that one call to the library makes."""
        return 1 if self.form == "calls" else self.settings.steps_per_ms

    def best_coupling(self, network: Network) -> str:
        """Padded, unless a hub makes the table several times as large as the graph."""
        wasteful = padded.width(network) * network.cells > 8 * network.connections + 1000
        return "gather-scatter" if wasteful and "gather-scatter" not in self.unsupported else "padded"

    def _compile(self) -> None:
        start = time.perf_counter()
        request = self._request()
        model = self._model(request)
        self.export_s = time.perf_counter() - start
        self._session = self._open(model)
        self.nodes = self._assigned()
        reader = first_row(len(request.carried()["state"]), self.network.cells, self.dtype)
        self._reader = self._open_reader(reader)
        self._bind(request)
        self._load()
        self._call(0)  # a first call, in which providers put off what they can

    def _request(self) -> Request:
        return Request(self.network, self.settings, self.graph, self.dtype, ("graph", "cell-parameters"), counting=True)

    def _model(self, request: Request) -> Handle:
        if self._file is None:
            fused = (1, False) if self.form == "calls" else (self.settings.steps_per_ms, self.form == "loop")
            return build_file(request, step_of(request, self._converter), *fused)
        model, steps, loop = read(self._file, request)
        form = "calls" if steps == 1 else "loop" if loop else "unrolled"
        self.form = one_of("form of the file", form, self.forms)
        return model

    def _open(self, model: Handle) -> Handle:
        return open_session(self._ort, model, self._providers(), self.threads)

    def _open_reader(self, model: Handle) -> Handle:
        return open_session(self._ort, model, self._reader_providers(), self.threads)

    def _providers(self) -> list[Provider]:
        return [self.provider]

    def _reader_providers(self) -> list[Provider]:
        return self._providers()

    def _assigned(self) -> str:
        """Nodes by provider, as "CPUExecutionProvider 112"; an error if another took them than was asked for."""
        counts: Counter[str] = Counter()
        for part in self._session.get_provider_graph_assignment_info():
            counts[part.ep_name] += len(part.get_nodes())
        if not counts[self.provider]:
            raise RuntimeError(f"{self.provider} was asked for and took no node: {dict(counts)}")
        if self.provider != CPU and counts[CPU] and self.form != "loop":  # a loop's body is started from the CPU
            raise RuntimeError(f"{self.provider} was asked for and left nodes to the CPU: {dict(counts)}")
        return ", ".join(f"{name} {count}" for name, count in counts.most_common())

    def _bind(self, request: Request) -> None:
        """Buffers on the device, and a binding for each call: what it reads and what it writes."""
        carried, feeds = request.carried(), request.feeds()
        self._sides = [{name: self._buffer(array) for name, array in carried.items()} for _ in range(2)]
        self._feeds = {name: self._buffer(array) for name, array in feeds.items() if name != "step"}
        self._potential = self._buffer(np.zeros((1, self.network.cells), self.dtype))
        calls = self.settings.steps_per_ms if self.form == "calls" else 1
        zero = self._buffer(np.zeros((1, self.network.cells), self.dtype))
        numbers = [self._buffer(np.array(i, self.dtype)) for i in range(calls)]
        self._kept = (zero, *numbers)  # a binding does not keep what is bound
        self._calls = []
        for side in range(2):
            bindings = []
            for i in range(calls):
                before, after = self._sides[(side + i) % 2], self._sides[(side + i + 1) % 2]
                inputs = {**self._feeds, **before, **({"code": zero} if i == 0 else {})}
                inputs.update({"step": numbers[i]} if "step" in self._inputs() else {})
                bindings.append(self._binding(self._session, inputs, {f"{name}_next": after[name] for name in after}))
            self._calls.append(bindings)
        self._readers = [
            self._binding(self._reader, {"state": s["state"]}, {"row": self._potential}) for s in self._sides
        ]

    def _inputs(self) -> set[str]:
        return {value.name for value in self._session.get_inputs()}

    def _buffer(self, array: Array) -> Handle:
        return self._ort.OrtValue.ortvalue_from_numpy(np.array(array, order="C"), self.memory, 0)

    def _binding(self, session: Handle, inputs: Mapping[str, Handle], outputs: Mapping[str, Handle]) -> Bound:
        binding = session.io_binding()
        for name, value in inputs.items():
            binding.bind_ortvalue_input(name, value)
        for name, value in outputs.items():
            binding.bind_ortvalue_output(name, value)
        return Bound(session, binding, inputs)

    def _run_bound(self, bound: Bound) -> None:
        bound.session.run_with_iobinding(bound.binding)

    def _load(self) -> None:
        self._side = 0
        request = self._request()
        for name, value in request.carried().items():
            self._sides[0][name].update_inplace(value)
        for name, value in request.feeds().items():  # without a stimulus
            if name in self._feeds:
                self._feeds[name].update_inplace(value)
        self._stimulated = False

    def _hold(self, stimulus: Reals) -> None:
        self._feeds["stimulus"].update_inplace(in_file(stimulus, self.dtype))

    def _call(self, side: int) -> None:
        for bound in self._calls[side]:
            self._run_bound(bound)

    def _advance(self, milliseconds: int, stimulus: Reals | None) -> tuple[Reals, Codes]:
        if stimulus is None and self._stimulated:
            self._hold(np.zeros(self.network.cells))
        self._stimulated = stimulus is not None
        trace = np.empty((milliseconds, self.network.cells), self.dtype)
        codes = np.empty((milliseconds, self.network.cells), np.int32)
        for m in range(milliseconds):
            if stimulus is not None:
                self._hold(stimulus[m])
            self._call(self._side)
            self._side = (self._side + len(self._calls[0])) % 2
            self._run_bound(self._readers[self._side])
            self._readers[self._side].binding.synchronize_outputs()
            trace[m] = self._potential.numpy()[0]
            codes[m] = self._sides[self._side]["code"].numpy()[0]
        return trace, codes

    def _state(self) -> Reals:
        return np.array(
            self._sides[self._side]["state"].numpy()[: len(self.network.state)]
        )  # a copy: it may be the buffer itself
