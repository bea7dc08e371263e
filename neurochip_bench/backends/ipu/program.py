"""Graphcore's TensorFlow on one IPU: state stays on the chip, samples leave it by an outfeed.

The steps of a millisecond are a loop on the device, and so are the milliseconds of a block. A block has one of two
lengths, each compiled once: a run of any other length is put together from them.
"""

from __future__ import annotations

import importlib.util
import os
from functools import lru_cache
from typing import Any, Callable, Mapping, NamedTuple, Sequence

import numpy as np

from model.arrays import Array, Codes, Reals
from model.checks import yes_or_no
from model.network import Network
from neurochip_bench.backends import flags, probes
from neurochip_bench.backends.libraries import Handle, Library
from neurochip_bench.backends.program import Program
from neurochip_bench.backends.remote.home import PARTS
from neurochip_bench.backends.remote.program import RemoteProgram
from neurochip_bench.backends.stepping import Held
from neurochip_bench.backends.tensorflow_ops import TensorflowOps
from neurochip_bench.backends.xla import milliseconds_of_a_call, padded_unless_wasteful
from neurochip_bench.settings import Settings

PYTHON, NAME = "NEUROCHIP_IPU_PYTHON", "NEUROCHIP_IPU_NAME"
BLOCK = 99  # what is left of a standard run after its first millisecond
IO_TILES = 32  # of 1,472: those that load and record


@lru_cache(maxsize=None)
def _libraries() -> tuple[Library, Library]:
    flags.without_caches(flags.POPLAR)
    import tensorflow as tf
    from tensorflow.python import ipu

    return tf, ipu


_SYSTEM: dict[str, Handle] = {}  # the strategy, and the fast_math it was configured with


def _strategy(fast_math: bool) -> Handle:
    """One IPU, configured once for this process: to configure it anew resets it, with all that it holds."""
    _, ipu = _libraries()
    if not _SYSTEM:
        config = ipu.config.IPUConfig()
        config.auto_select_ipus = 1  # of two it would make replicas
        config.optimizations.math.fast = fast_math
        config.io_tiles.num_io_tiles = IO_TILES
        config.io_tiles.place_ops_on_io_tiles = True
        config.configure_ipu_system()
        _SYSTEM.update(fast_math=fast_math, strategy=ipu.ipu_strategy.IPUStrategy())
    if _SYSTEM["fast_math"] != fast_math:
        raise RuntimeError(f"fast_math is {fast_math}: expected {not fast_math}, as the IPU of this process has it")
    return _SYSTEM["strategy"]


class Block(NamedTuple):
    """Some milliseconds in one call, compiled: the queue that it records to, and no stimulus for it."""

    run: Handle
    queue: Handle
    at_rest: Handle


class IpuProgram(Program):
    """A network compiled for one IPU in this process.

    fast_math  whether Poplar may reorder and approximate arithmetic; one choice for a process
    """

    options = ("fast_math",)
    form = "loop"
    threads = None

    def __init__(self, dtype: np.dtype, network: Network, settings: Settings, *, fast_math: bool = False) -> None:
        self.fast_math = yes_or_no("fast_math", fast_math)
        self._strategy = _strategy(self.fast_math)
        self._tf, self._ipu = _libraries()
        self.library_version = self._tf.__version__
        self.device_name = os.environ.get(NAME, "Graphcore IPU")  # the library does not tell which one it is
        self.block = milliseconds_of_a_call(network.cells, BLOCK)
        super().__init__(dtype, network, settings)

    @staticmethod
    def missing() -> str | None:
        """None, or one sentence: no TensorFlow, another's, no SDK, a simulator, or no IPU."""
        return probes.graphcore_library(importlib.util.find_spec("tensorflow"), PYTHON) or probes.ipu()

    def best_coupling(self, network: Network) -> str:
        """Padded, unless a hub makes the table several times as large as the graph."""
        return padded_unless_wasteful(network)

    def _compile(self) -> None:
        tf = self._tf
        self._ops = TensorflowOps(tf, self.dtype)
        with self._strategy.scope():
            values = {name: tf.constant(value) for name, value in self._values().items()}
            self._variables = {name: tf.Variable(value, trainable=False) for name, value in values.items()}
        self._assign = self._compiled(self._assign_all)
        states = len(self.network.states)
        self._read = self._compiled(lambda: tf.stack([row.read_value() for row in self._rows()[:states]]))
        self._blocks = {length: self._compiled_block(length) for length in sorted({1, self.block})}
        self._load()
        self._state()
        for length in self._blocks:
            self._call(length, None)

    def _compiled(self, function: Callable[..., Any]) -> Handle:
        return self._tf.function(function, jit_compile=True, autograph=False)

    def _values(self) -> dict[str, Reals | Codes]:
        """What is on the chip, by name."""
        values = {f"state {i}": row for i, row in enumerate(self.start(self.network))}
        values["armed"] = np.zeros(self.network.cells)
        values.update({f"graph {i}": array for i, array in enumerate(self.graph)})
        values.update({name: value for name, value in self.network.parameters.items() if value.ndim})
        return {
            name: np.asarray(value, self.dtype if value.dtype.kind == "f" else np.int32)
            for name, value in values.items()
        }

    def _rows(self) -> list[Handle]:
        return [self._variables[f"state {i}"] for i in range(len(self.start(self.network)))]

    def _assign_all(self, *values: Handle) -> None:
        for variable, value in zip(self._variables.values(), values):
            variable.assign(value, read_value=False)

    def _on_chip(self, function: Handle, *tensors: Handle) -> Handle:
        with self._strategy.scope():
            return self._strategy.run(function, args=tensors)

    def _load(self) -> None:
        self._on_chip(self._assign, *[self._tf.constant(value) for value in self._values().values()])

    def _state(self) -> Reals:
        return self._on_chip(self._read).numpy()

    def _compiled_block(self, length: int) -> Block:
        """The block of so many milliseconds."""
        feeds = self._ipu.ipu_outfeed_queue
        queue = feeds.IPUOutfeedQueue(outfeed_mode=feeds.IPUOutfeedMode.ALL)
        run = self._compiled(lambda stimulus: self._milliseconds(length, queue, stimulus))
        return Block(run, queue, self._tf.zeros((length, self.network.cells), self._ops.dtype))

    def _call(self, length: int, stimulus: Reals | None) -> list[Array]:
        block = self._blocks[length]
        self._on_chip(block.run, block.at_rest if stimulus is None else self._tf.constant(stimulus))
        return [tensor.numpy() for tensor in block.queue.dequeue()]

    def _advance(self, milliseconds: int, stimulus: Reals | None) -> tuple[Reals, Codes]:
        recorded, done = [], 0
        while done < milliseconds:
            length = self.block if milliseconds - done >= self.block else 1
            recorded.append(self._call(length, None if stimulus is None else stimulus[done : done + length]))
            done += length
        trace, codes = (np.concatenate(arrays) for arrays in zip(*recorded))
        return trace, codes.astype(np.int32)

    def _milliseconds(self, length: int, queue: Handle, stimulus: Handle) -> None:
        """The compiled function: a loop of so many milliseconds, each of which is recorded."""
        tf = self._tf
        on_chip = {name: variable.read_value() for name, variable in self._variables.items()}

        def body(m: Handle, armed: Array, *rows: Array) -> tuple[Array, ...]:
            after, armed, code = self._millisecond(on_chip, tf.gather(stimulus, m), armed, rows)
            return (m + 1, armed, *after, queue.enqueue((after[0], code)))

        rows = [on_chip[f"state {i}"] for i in range(len(self._rows()))]
        _, armed, *rows = self._ipu.loops.repeat(length, body, [tf.constant(0), on_chip["armed"], *rows])
        for variable, value in zip([self._variables["armed"], *self._rows()], [armed, *rows]):
            variable.assign(value, read_value=False)

    def _millisecond(
        self, on_chip: Mapping[str, Array], stimulus: Array, armed: Array, rows: Sequence[Array]
    ) -> tuple[list[Array], Array, Array]:
        """The steps of one millisecond: rows, armed, spike code."""
        tf = self._tf
        parameters = {name: on_chip.get(name, float(value.flat[0])) for name, value in self.network.parameters.items()}
        held = Held(parameters, [on_chip[f"graph {i}"] for i in range(len(self.graph))], stimulus)

        def body(j: Array, code: Array, armed: Array, *rows: Array) -> tuple[Array, ...]:
            after, armed, code = self.step(self._ops, j, rows, armed, code, held)
            return (j + 1.0, code, armed, *after)

        start = [tf.constant(0.0), tf.zeros_like(armed), armed, *rows]
        _, code, armed, *after = self._ipu.loops.repeat(self.settings.steps_per_ms, body, start)
        return after, armed, code


class RemoteIpuProgram(RemoteProgram, IpuProgram):
    """A network compiled for one IPU, in a worker under the Python of Graphcore's TensorFlow."""

    sdk = f"Graphcore's Poplar SDK; its Python in `{PYTHON}`"
    there, variable = IpuProgram, PYTHON
    needs = (
        *PARTS, "backends/flags.py", "backends/host.py", "backends/ipu", "backends/quota.py",
        "backends/tensorflow_ops.py", "backends/xla.py",
    )  # fmt: skip
