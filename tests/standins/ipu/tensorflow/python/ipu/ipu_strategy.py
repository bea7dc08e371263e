"""`IPUStrategy`: runs compiled functions, here on the CPU."""

import contextlib

import tensorflow as tf
from tensorflow.python.ipu import config


class IPUStrategyV1:
    def __init__(self, ipu_device="/device:IPU:0"):
        if not config.ACTIVE:
            raise RuntimeError("no IPU has been configured: call configure_ipu_system first")
        self._inside = 0

    @contextlib.contextmanager
    def scope(self):
        self._inside += 1
        try:
            with tf.device("/device:CPU:0"):
                yield self
        finally:
            self._inside -= 1

    def run(self, fn, args=(), kwargs=None, options=None):
        if not config.ACTIVE:
            raise RuntimeError("no IPU has been configured: call configure_ipu_system first")
        if config.replicas() != 1:
            raise RuntimeError(f"the program would run in {config.replicas()} replicas: expected 1")
        if not self._inside:
            raise RuntimeError("run was called outside of the strategy's scope")
        if not hasattr(fn, "get_concrete_function"):
            raise ValueError("IPUStrategy.run expects a tf.function in eager mode")
        kwargs = kwargs or {}
        for value in tf.nest.flatten((args, kwargs)):
            check(value, "argument")
        concrete = fn.get_concrete_function(*args, **kwargs)
        for value in [*concrete.inputs, *concrete.outputs]:
            check(value, "tensor")
        return fn(*args, **kwargs)


def check(value, what):
    if not tf.is_tensor(value):
        raise TypeError(f"{what} {value!r} is a Python value, which each call would compile in: expected a tensor")
    if value.dtype in (tf.float64, tf.int64):
        raise TypeError(f"{what} has type {value.dtype.name}, which an IPU does not have")


IPUStrategy = IPUStrategyV1
