"""What all programs share: a program runs a network on a device, in settings that it was compiled for."""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from model.arrays import Array, Codes, Precision, Reals
from model.checks import finite_array, narrowed, whole_number, yes_or_no
from model.coupling import lay_out, slots_of
from model.kernels import KERNELS
from model.network import Network, a_network
from neurochip_bench.backends.stepping import Stepping
from neurochip_bench.run import Run
from neurochip_bench.settings import Settings


class Program(Stepping, ABC):
    """A network compiled for a backend, with its state on the device.

    settings    how it is run; its coupling is the formulation in use, None for an unconnected network
    compile_s   seconds that compilation took; export_s of them to make a file, None where there is none
    """

    extra: str | None = None  # what brings the library: an extra of pyproject.toml
    sdk: str | None = None  # or what its vendor calls it, where no package registry has it
    distributions: tuple[str, ...] = ()  # packages that its library is, of which * may stand for a part: their versions
    here = True  # whether it runs in this process, whose memory tells of it
    clock = staticmethod(time.perf_counter)  # seconds where it runs; only differences count
    options: tuple[str, ...] = ()  # names of the keyword-only arguments of its own
    block = 100  # milliseconds in one call to the device, at most
    library_version: str | None  # None where the library does not tell
    device_name: str  # what really runs it
    threads: int | None  # None where the library decides
    unsupported: Mapping[str, str] = MappingProxyType({})  # coupling to why it cannot be run
    form: str | None = None  # "loop", "unrolled" or "calls": how the steps of a millisecond are put together
    nodes: str | None = None  # nodes of the graph by what runs them, where the library tells
    tf32: bool | None = None  # whether products are rounded to TF32, None where nothing could
    fast_math: bool | None = None  # whether the compiler may reorder sums, None where it was not asked
    export_s: float | None = None
    devices = 1  # that a network is on
    processes = 1  # that they belong to
    virtual_devices: bool | None = None  # whether several are one processor, None where there is one
    exchange: str | None = None  # how signals come from other devices, None where none do
    exchange_bytes: int | None = None  # that all devices together send in a step
    exchange_steps: int | None = None  # steps that one exchange serves

    @staticmethod
    @abstractmethod
    def missing() -> str | None:
        """None if networks can be run here, or one sentence that says what is missing."""

    @abstractmethod
    def best_coupling(self, network: Network) -> str | None:
        """Name of the formulation that is fastest for a connected network; None where the library has its own."""

    @abstractmethod
    def _compile(self) -> None:
        """Compile for the network's shapes and scalar parameters."""

    @abstractmethod
    def _load(self) -> None:
        """Put the network's state, graph and per-cell parameters on the device."""

    @abstractmethod
    def _advance(self, milliseconds: int, stimulus: Reals | None) -> tuple[Reals, Codes]:
        """Run at most `block` milliseconds; potentials at their ends and spike codes, both (milliseconds, N)."""

    @abstractmethod
    def _state(self) -> Reals:
        """The state (states, N) as it is now."""

    def __init__(self, dtype: np.dtype, network: Network, settings: Settings) -> None:
        self.dtype, self.network, self.kernel = dtype, network, KERNELS[network.kernel]
        check_range(network, self.dtype)
        coupling = (settings.coupling or self.best_coupling(network)) if network.connected else None
        self.settings = settings.but(self.kernel, coupling=coupling)
        self.slots = slots_of(network, settings.dt)
        self.graph = self._lay_out(network)
        start = time.perf_counter()
        self._compile()
        self.compile_s = time.perf_counter() - start
        self.reset()

    def reset(self, network: Network | None = None) -> None:
        """Back to the network's state, or, without compiling again, to another network of the same shape.

        It must have the same kernel, cells and layout of the graph, and the same scalar parameters.
        """
        if network is not None:
            self._rebind(a_network(network))
        self._load()

    def run(self, milliseconds: int = 100, stimulus: Reals | None = None, record: bool = True) -> Run:
        """Advance by whole milliseconds from where the last run ended, and return a `Run`.

        stimulus   None or (milliseconds, N), held during each millisecond: added to I_app in uA/cm2 (io), to I_in in
                   uA/cm2 (hh), to the drive in mV per step (lif)
        record     whether the run keeps trace and spikes
        """
        milliseconds, record = whole_number("milliseconds", milliseconds, 1), yes_or_no("record", record)
        cells = self.network.cells
        if stimulus is not None:
            stimulus = narrowed("stimulus", finite_array("stimulus", stimulus, [(milliseconds, cells)]), self.dtype)
        return self._advance_all(milliseconds, stimulus, record)

    def _advance_all(self, milliseconds: int, stimulus: Reals | None, record: bool) -> Run:
        first: Reals | None = None
        traces: list[Array] = []
        codes: list[Codes] = []
        done = 0
        if record:
            traces.append(self._state()[None, 0])
        while done < milliseconds:
            # The first millisecond is a call of its own: its end is judged in every state, not only in the potential.
            count = 1 if record and done == 0 else min(self.block, milliseconds - done)
            trace, code = self._advance(count, None if stimulus is None else stimulus[done : done + count])
            done += count
            if record:
                traces.append(trace)
                codes.append(code)
                first = self._state() if first is None else first
        if not record:
            return Run(self._state())
        counting = {"steps_per_ms": self.settings.steps_per_ms, "spikes_at": self.kernel.spikes_at}
        return Run(self._state(), first, np.concatenate(traces), np.concatenate(codes), **counting)

    def warm_compile(self) -> float | None:
        """Seconds that compiling takes where a cache on disk has the program; None where no such cache is known.

        The program is back at its start then.
        """
        return None

    @property
    def coupling(self) -> str | None:
        """Name of the formulation in use, None for an unconnected network."""
        return self.settings.coupling

    @property
    def process_id(self) -> int:
        """Of the process that uses the device."""
        return os.getpid()

    def steps_per_call(self, milliseconds: int) -> int:
        """Steps that one call to the library makes in a run of so many milliseconds."""
        return min(self.block, milliseconds) * self.settings.steps_per_ms

    def _lay_out(self, network: Network) -> list[Array]:
        return lay_out(self.coupling, network, self.dtype, self.settings.dt) if self.coupling else []

    def _rebind(self, network: Network) -> None:
        old = self.network
        same = (network.kernel, network.cells, network.connected) == (old.kernel, old.cells, old.connected)
        same = same and slots_of(network, self.settings.dt) == self.slots
        graph = self._lay_out(network) if same else []
        if not same or not self._same_layout(graph, network):
            given, compiled = (self._shape_of(one) for one in (network, old))
            raise ValueError(
                f"network ({given}) does not have the shape of the compiled one ({compiled}): "
                "expected that shape, prepare it instead"
            )
        self._same_constants(network)
        check_range(network, self.dtype)
        self.network, self.graph = network, graph

    def _same_layout(self, graph: list[Array], network: Network) -> bool:
        """Whether what was compiled can run a graph, which is laid out for a network of as many cells."""
        return [a.shape for a in graph] == [a.shape for a in self.graph]

    def _shape_of(self, network: Network) -> str:
        slots = slots_of(network, self.settings.dt)
        delayed = f", {slots} slots of delay" if slots else ""
        return f"{network.kernel}, {network.cells} cells, {network.connections} connections{delayed}"

    def _same_constants(self, network: Network) -> None:
        for name, old in self.network.parameters.items():
            new = network.parameters[name]
            if new.ndim != old.ndim or (new.ndim == 0 and new != old):
                kind = "one value per cell" if old.ndim else f"the compiled {old}"
                raise ValueError(f"network has another parameter {name!r}: expected {kind}, or prepare it instead")


def check_range(network: Network, dtype: Precision) -> None:
    """Raise a ValueError that names what a floating-point type cannot hold of a network's numbers."""
    narrowed("state", network.state, dtype)
    narrowed("weights", network.weights, dtype)
    for name, value in network.parameters.items():
        narrowed(f"parameters[{name!r}]", value, dtype)
