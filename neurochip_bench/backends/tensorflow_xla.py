"""TensorFlow's XLA: the steps of a millisecond in one compiled loop, many milliseconds in one call.

What each choice is worth was measured at 64, 729, 8,000 and 125,000 cells; see docs/speed.md.

- A loop around the steps, not 40 unrolled ones; its state a tuple of rows, not one array.
- Graph-mode sessions, the only road to a thread pool per program: small networks are faster on one thread, large ones
  on all, and eager TensorFlow has one pool for the whole process.
- State, graph and per-cell parameters are variables on the device; scalar parameters are constants of the program.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from model.arrays import Array, Codes, Reals
from model.checks import whole_number, yes_or_no
from model.network import Network
from neurochip_bench.backends import flags
from neurochip_bench.backends.host import cores, cpu_name
from neurochip_bench.backends.libraries import Handle, Library, installed
from neurochip_bench.backends.tensorflow_loop import TensorflowLoop
from neurochip_bench.backends.xla import fast_math, milliseconds_of_a_call, set_flags
from neurochip_bench.settings import Settings

CELLS_WORTH_THREADS = 4000


class Variable(NamedTuple):
    """A variable on the device, and what gives it another value: an operation and where that takes it from."""

    variable: Handle
    assign: Handle
    value: Handle


@lru_cache(maxsize=None)
def load_tensorflow() -> Library:
    """TensorFlow, imported with the settings that it reads only once."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # its products round otherwise
    os.environ["TF_OVERRIDE_GLOBAL_THREADPOOL"] = "1"  # each session has the threads it asks for
    flags.without_caches(flags.TENSORFLOW)
    set_flags()
    import tensorflow as tf

    with tf.Graph().as_default() as graph:  # the first program decides into how many parts XLA may ever split a kernel
        number = tf.compat.v1.placeholder(tf.float32, ())
        double = tf.function(lambda x: x + x, jit_compile=True)(number)
    with _session(tf, graph, cores()) as session:
        session.run(double, {number: 1.0})
    return tf


def _session(tf: Library, graph: Handle, threads: int) -> Handle:
    config = tf.compat.v1.ConfigProto(
        intra_op_parallelism_threads=threads, inter_op_parallelism_threads=1, use_per_session_threads=True
    )
    return tf.compat.v1.Session(graph=graph, config=config)


class TensorflowProgram(TensorflowLoop):
    """A network compiled by XLA for the CPU.

    unrolled   True: the published form instead, one call per millisecond of 40 unrolled steps on one array of states
    threads    of this program; None for the fastest at this size
    """

    extra = "tensorflow"
    distributions: tuple[str, ...] = ("tensorflow*", "keras", "ml-dtypes")
    device_name = cpu_name()
    options = ("unrolled", "threads")
    threads: int

    def __init__(
        self,
        dtype: np.dtype,
        network: Network,
        settings: Settings,
        *,
        unrolled: bool = False,
        threads: int | None = None,
    ) -> None:
        self.unrolled = yes_or_no("unrolled", unrolled)
        self.form = "unrolled" if unrolled else "loop"
        threads = None if threads is None else whole_number("threads", threads, 1, cores())
        self._tf = load_tensorflow()
        many = unrolled or network.cells >= CELLS_WORTH_THREADS
        self.threads = threads or (cores() if many else 1)
        self.fast_math = fast_math()
        self.block = 1 if unrolled else milliseconds_of_a_call(network.cells)
        self.library_version = self._tf.__version__
        super().__init__(dtype, network, settings)

    @staticmethod
    def missing() -> str | None:
        """None, or a sentence: TensorFlow is not installed, or flags that it would end over."""
        if not installed("tensorflow"):
            return "TensorFlow is not installed (python -m pip install 'neurochip-bench[tensorflow]')"
        return flags.unreadable(flags.XLA, flags.TENSORFLOW)

    def best_coupling(self, network: Network) -> str:
        """Padded, unless a hub makes the table several times as large as the graph, or the published form is asked."""
        return "gather-scatter" if self.unrolled else super().best_coupling(network)

    def _compile(self) -> None:
        tf = self._tf
        with tf.Graph().as_default() as graph:
            cells = self._width
            self._variables = {"armed": self._variable((cells,)), "stimulus": self._variable((self.block, cells))}
            for i, row in enumerate(self.start(self._widened(self.network))):
                self._variables[f"state {i}"] = self._variable(row.shape, self._type(row))
            for i, array in enumerate(self.graph):
                self._variables[f"graph {i}"] = self._variable(array.shape, self._type(array))
            for name, value in self.network.parameters.items():
                if value.ndim:
                    self._variables[name] = self._variable((cells,))
            milliseconds = tf.compat.v1.placeholder(tf.int32, ())
            advance = tf.function(self._milliseconds, jit_compile=True, autograph=False)
            trace, codes = advance(milliseconds)
            recorded = [array[:milliseconds, : self.network.cells] for array in (trace, codes)]
            state = tf.stack([variable.read_value() for variable in self._rows()[: len(self.network.state)]])[
                :, : self.network.cells
            ]
            filled = tf.group(*(held.assign for held in self._variables.values()))
        self._session = _session(tf, graph, self.threads)
        values = [held.value for held in self._variables.values()]
        self._fill = self._session.make_callable(filled, feed_list=values)  # one call: each kind takes 15 ms to set up
        self._record = self._session.make_callable(recorded, feed_list=[milliseconds])
        self._read = self._session.make_callable(state)
        self._load()
        self._record(0)  # no step, but XLA compiles now

    def _type(self, array: Array) -> np.dtype:
        return self.dtype if array.dtype.kind == "f" else array.dtype

    def _variable(self, shape: tuple[int, ...], dtype: np.dtype | None = None) -> Variable:
        tf = self._tf
        value = tf.compat.v1.placeholder(dtype or self.dtype, shape)
        variable = tf.Variable(tf.zeros(shape, value.dtype), trainable=False, shape=shape)
        return Variable(variable, variable.assign(value, read_value=False), value)

    def _rows(self) -> list[Handle]:
        return [self._variables[f"state {i}"].variable for i in range(len(self.start(self.network)))]

    def _load(self) -> None:
        network = self._widened(self.network)
        values = {"armed": np.zeros(network.cells), "stimulus": np.zeros((self.block, network.cells))}
        values.update({f"state {i}": row for i, row in enumerate(self.start(network))})
        values.update({f"graph {i}": array for i, array in enumerate(self.graph)})
        values.update({name: value for name, value in network.parameters.items() if value.ndim})
        self._fill(*(values[name] for name in self._variables))
        self._stimulated = False

    def _advance(self, milliseconds: int, stimulus: Reals | None) -> tuple[Reals, Codes]:
        if stimulus is not None or self._stimulated:
            applied = np.zeros((self.block, self._width), self.dtype)
            if stimulus is not None:
                applied[:milliseconds, : self.network.cells] = stimulus
            held = self._variables["stimulus"]
            self._session.run(held.assign, {held.value: applied})
            self._stimulated = stimulus is not None
        return self._record(milliseconds)

    def _state(self) -> Reals:
        return self._read()

    def _milliseconds(self, milliseconds: Handle) -> tuple[Array, Array]:
        """The compiled function: at most `block` milliseconds; traces and spike codes (block, N)."""
        # Read once: a variable read inside a loop is carried by it, and costs its threads.
        on_device = {name: held.variable.read_value() for name, held in self._variables.items()}
        rows = [on_device[f"state {i}"] for i in range(len(self._rows()))]
        rows, armed, trace, codes = self._loop(milliseconds, rows, on_device["armed"], on_device["stimulus"], on_device)
        self._variables["armed"].variable.assign(armed, read_value=False)
        for variable, row in zip(self._rows(), rows):
            variable.assign(row, read_value=False)
        return trace, codes
