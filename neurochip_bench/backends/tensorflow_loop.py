"""The loops of steps and milliseconds that TensorFlow's XLA compiles, for every device."""

from __future__ import annotations

from typing import List, Mapping

from model.arrays import Array
from neurochip_bench.backends.libraries import Library
from neurochip_bench.backends.stepping import Held
from neurochip_bench.backends.tensorflow_ops import TensorflowOps
from neurochip_bench.backends.xla import XlaProgram

Rows = List[Array]  # what is carried from step to step


class TensorflowLoop(XlaProgram):
    """A network whose milliseconds are a loop around a loop of steps."""

    _tf: Library
    unrolled = False  # whether the steps are written one after another instead, on one array of states, as published

    def _loop(
        self, milliseconds: Array, rows: Rows, armed: Array, applied: Array, arrays: Mapping[str, Array]
    ) -> tuple[Rows, Array, Array, Array]:
        """At most `block` milliseconds: (rows, armed, trace, spike codes), the last two (block, N)."""
        tf, ops = self._tf, TensorflowOps(self._tf, self.dtype)

        def body(
            m: Array, rows: Rows, armed: Array, trace: Array, codes: Array
        ) -> tuple[Array, Rows, Array, Array, Array]:
            rows, armed, code = self._millisecond(ops, self._held(arrays, applied[m]), rows, armed)
            trace = tf.tensor_scatter_nd_update(trace, [[m]], rows[0][None])
            codes = tf.tensor_scatter_nd_update(codes, [[m]], tf.cast(code, tf.int32)[None])
            return m + 1, rows, armed, trace, codes

        recorded = tf.zeros_like(applied)
        start = (0, list(rows), armed, recorded, tf.cast(recorded, tf.int32))
        return tf.while_loop(lambda m, *_: m < milliseconds, body, start)[1:]

    def _millisecond(self, ops: TensorflowOps, held: Held, rows: Rows, armed: Array) -> tuple[Rows, Array, Array]:
        """The steps of one millisecond: (rows, armed, spike code)."""
        tf = self._tf

        def body(j: Array, rows: Rows, armed: Array, code: Array) -> tuple[Array, Rows, Array, Array]:
            if self.unrolled:
                count = len(rows) - 2 * bool(self.slots)  # what is under way is no row
                rows = [*tf.unstack(tf.stack(rows[:count]), num=count), *rows[count:]]
            return (j + 1, *self.step(ops, tf.cast(j, ops.dtype), rows, armed, code, held))

        start = (0, rows, armed, tf.zeros_like(armed))
        if not self.unrolled:
            return tf.while_loop(lambda j, *_: j < self.settings.steps_per_ms, body, start)[1:]
        for _ in range(self.settings.steps_per_ms):
            start = body(*start)
        return start[1:]
