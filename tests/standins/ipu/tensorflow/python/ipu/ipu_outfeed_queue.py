"""`IPUOutfeedQueue`: what a compiled loop records, kept here in variables beside the program."""

import enum
import math

import tensorflow as tf
from tensorflow.python.ipu import loops


class IPUOutfeedMode(enum.Enum):
    ALL = "all"
    LAST = "get_last"


class IPUOutfeedQueue:
    def __init__(self, outfeed_mode=None, device_ordinal=None, buffer_depth=3, optimise_latency=False):
        self._mode = outfeed_mode or IPUOutfeedMode.ALL
        if not isinstance(self._mode, IPUOutfeedMode):
            raise ValueError(f"outfeed_mode is {outfeed_mode!r}: expected an IPUOutfeedMode")
        self._buffers: list = []
        self._functions: list = []  # that record here: a function is traced again where it creates variables

    @property
    def enqueued(self):
        return bool(self._functions)

    def enqueue(self, tensors):
        """The operation that records; in a loop, its body has to return it."""
        function, flat = outermost(tf.compat.v1.get_default_graph()), tf.nest.flatten(tensors)
        if function in self._functions:
            raise ValueError("An outfeed can only be enqueued once.")
        shapes = [(math.prod(loops.TURNS), *tensor.shape) for tensor in flat]
        self._functions.append(function)
        if not self._buffers:
            self._structure = tf.nest.map_structure(lambda _: 0, tensors)
            with tf.init_scope():
                self._count = tf.Variable(0)
                self._buffers = [tf.Variable(tf.zeros(shape, t.dtype)) for shape, t in zip(shapes, flat)]
        if shapes != [tuple(buffer.shape) for buffer in self._buffers]:
            raise ValueError("the outfeed already belongs to a program of another length or shape")
        place = self._count.read_value()
        for buffer, tensor in zip(self._buffers, flat):
            buffer.scatter_nd_update([[place]], tensor[None])
        return self._count.assign_add(1, read_value=False)

    def dequeue(self, wait_for_completion=False):
        """What was recorded since the last time: (turns, ...) each, or the last turn."""
        if not self.enqueued:
            return []
        count = int(self._count)
        self._count.assign(0)
        last = self._mode is IPUOutfeedMode.LAST
        flat = [buffer[count - 1] if last else buffer[:count] for buffer in self._buffers]
        return tf.nest.pack_sequence_as(self._structure, flat)


def outermost(graph):
    """The function around the bodies of loops."""
    while getattr(graph.outer_graph, "outer_graph", None) is not None:
        graph = graph.outer_graph
    return graph
