"""What programs that XLA compiles share: flags, and networks filled up so that every thread gets whole vectors."""

from __future__ import annotations

from typing import Mapping

import numpy as np

from model.arrays import Array, Reals
from model.coupling import padded
from model.network import Network
from neurochip_bench.backends import flags
from neurochip_bench.backends.host import cpu_has
from neurochip_bench.backends.libraries import Handle
from neurochip_bench.backends.program import Program
from neurochip_bench.backends.stepping import Held

CELLS_PER_BLOCK = 2**21  # potentials that one call may record, so that the buffers stay small
MULTIPLE = 32  # cells that a network is filled up to: split unevenly, XLA's kernels are not vectorised
VECTOR_WIDTH, FAST_MATH = "xla_cpu_prefer_vector_width", "xla_cpu_enable_fast_math"


def set_flags() -> None:
    """Let XLA use vectors of 512 bits where the processor has them, and no file that spares it work."""
    flags.without_caches(flags.XLA)
    if cpu_has("avx512f"):
        flags.add_flag(flags.XLA, VECTOR_WIDTH, 512)


def fast_math() -> bool | None:
    """Whether the user's flags let XLA reorder and approximate arithmetic on the CPU, None where they do not say."""
    return flags.is_on(flags.XLA, FAST_MATH)


def milliseconds_of_a_call(cells: int, most: int = Program.block) -> int:
    """Milliseconds that one call runs of so many cells, so that what it records stays small."""
    return max(1, min(most, CELLS_PER_BLOCK // cells))


def padded_unless_wasteful(network: Network) -> str:
    """Padded, unless a hub makes the table several times as large as the graph."""
    entries = padded.width(network) * network.cells
    wasteful = padded.width(network) > padded.SUMMED_SINGLY or entries > 8 * network.connections + 1000
    return "gather-scatter" if wasteful else "padded"


class XlaProgram(Program):
    """A network filled up to a multiple of cells; the steps of a millisecond are a loop on the device."""

    form = "loop"

    def best_coupling(self, network: Network) -> str:
        """Padded, unless a hub makes the table several times as large as the graph."""
        return padded_unless_wasteful(network)

    @property
    def _width(self) -> int:
        # Where absent connections are products with zero, a cell that fills up and blows up would spoil the others.
        multiple = 1 if self.coupling in ("one-hot", "dense") else MULTIPLE
        return -(-self.network.cells // multiple) * multiple

    def _widened(self, network: Network) -> Network:
        """The network with unconnected copies of its last cell, so that every thread gets whole vectors."""

        def widen(array: Array) -> Array:
            return np.pad(array, [*[(0, 0)] * (array.ndim - 1), (0, self._width - network.cells)], mode="edge")

        parameters = {name: widen(value) if value.ndim else value for name, value in network.parameters.items()}
        return network.but(state=widen(network.state), parameters=parameters)

    def _lay_out(self, network: Network) -> list[Array]:
        return super()._lay_out(self._widened(network))

    def _held(self, arrays: Mapping[str, Array], stimulus: Array) -> Held:
        """What the kernel is given: numbers are compiled in, arrays are those on the device."""
        numbers = {name: float(value) for name, value in self.network.parameters.items() if not value.ndim}
        cells = {name: arrays[name] for name, value in self.network.parameters.items() if value.ndim}
        return Held({**numbers, **cells}, [arrays[f"graph {i}"] for i in range(len(self.graph))], stimulus)


class HandedProgram(XlaProgram):
    """State, graph and parameters are arrays on the device, handed to each call; `_put` puts one there."""

    def _load(self) -> None:
        network = self._widened(self.network)
        self._rows = tuple(self._put(row) for row in self.start(network))
        self._armed = self._put(np.zeros(network.cells))
        self._at_rest = self._put(np.zeros((self.block, network.cells)))
        self._arrays = {f"graph {i}": self._put(array) for i, array in enumerate(self.graph)}
        self._arrays.update({name: self._put(value) for name, value in network.parameters.items() if value.ndim})

    def _put(self, value: Array) -> Handle:
        raise NotImplementedError

    def _applied(self, milliseconds: int, stimulus: Reals | None) -> Handle:
        """The stimulus (block, cells) on the device."""
        if stimulus is None:
            return self._at_rest
        applied = np.zeros((self.block, self._width), self.dtype)
        applied[:milliseconds, : self.network.cells] = stimulus
        return self._put(applied)
