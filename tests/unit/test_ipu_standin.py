"""The stand-in for Graphcore's TensorFlow: what it runs, and that it refuses what the real one refuses."""

from __future__ import annotations

import pytest

from neurochip_bench.backends import BACKENDS
from tests.helpers.standins import outcomes

PRELUDE = """
import os
import tensorflow as tf
from tensorflow.python import ipu

def configured(ipus=1):
    config = ipu.config.IPUConfig()
    config.auto_select_ipus = ipus
    config.configure_ipu_system()
    return ipu.ipu_strategy.IPUStrategy()

def compiled(function):
    return tf.function(function, jit_compile=True, autograph=False)

def run(function, *args, ipus=1):
    strategy = configured(ipus)
    with strategy.scope():
        return strategy.run(function, args=args)

double = compiled(lambda x: x + x)
one = tf.constant(1.0)

def recording(queue, turns, values=lambda x: x):
    def body(x):
        return x + 1.0, queue.enqueue(values(x))
    return compiled(lambda x: ipu.loops.repeat(turns, body, [x]))
"""
QUEUE = "queue = ipu.ipu_outfeed_queue.IPUOutfeedQueue(); "
CASES = {  # name: (code, what becomes of it)
    "a program runs": ("assert float(run(double, one)) == 2.0", "fine"),
    "it names itself": ("assert os.environ['NEUROCHIP_IPU_NAME'] == 'stand-in'", "fine"),
    "a queue holds each turn": (
        QUEUE + "run(recording(queue, 3), one); assert queue.dequeue().numpy().tolist() == [1, 2, 3]; "
        "assert queue.dequeue().numpy().tolist() == []",
        "fine",
    ),
    "a queue holds the last turn": (
        "feeds = ipu.ipu_outfeed_queue; queue = feeds.IPUOutfeedQueue(feeds.IPUOutfeedMode.LAST); "
        "run(recording(queue, 3), one); assert float(queue.dequeue()) == 3.0",
        "fine",
    ),
    "a queue keeps the structure": (
        QUEUE + "run(recording(queue, 2, lambda x: (x, -x)), one); a, b = queue.dequeue(); "
        "assert b.numpy().tolist() == [-1, -2]",
        "fine",
    ),
    "loops nest": (
        "inner = lambda x: ipu.loops.repeat(4, lambda y: y + 1.0, [x]); "
        "assert float(run(compiled(lambda x: ipu.loops.repeat(3, inner, [x])), one)) == 13.0",
        "fine",
    ),
    "nothing was recorded": (QUEUE + "assert queue.dequeue() == []", "fine"),
    "the simulator is known": (
        "os.environ['TF_POPLAR_FLAGS'] = '--use_ipu_model'; assert ipu.utils.running_on_ipu_model()",
        "fine",
    ),
    # refusals
    "a Python number": ("run(double, 1.0)", "TypeError: argument 1.0 is a Python value"),
    "float64": ("run(double, tf.constant(1.0, tf.float64))", "TypeError: argument has type float64"),
    "float64 as a result": (
        "run(compiled(lambda x: tf.cast(x, tf.float64)), one)",
        "TypeError: tensor has type float64",
    ),
    "int64": ("run(double, tf.constant(1, tf.int64))", "TypeError: argument has type int64"),
    "not a tf.function": ("run(lambda x: x, one)", "ValueError: IPUStrategy.run expects a tf.function"),
    "no such field": (
        "ipu.config.IPUConfig().auto_select_ipu = 1",
        "ValueError: IPUConfig has no field auto_select_ipu",
    ),
    "no such field of a category": (
        "ipu.config.IPUConfig().optimizations.math.quick = True",
        "ValueError: IPUConfig has no field optimizations.math.quick",
    ),
    "a category": ("ipu.config.IPUConfig().io_tiles = 32", "TypeError: io_tiles is a category"),
    "a field of another type": (
        "ipu.config.IPUConfig().optimizations.math.fast = 1",
        "TypeError: optimizations.math.fast is 1: expected bool",
    ),
    "tiles that are not there": (
        "config = ipu.config.IPUConfig(); config.io_tiles.place_ops_on_io_tiles = True; config.configure_ipu_system()",
        "ValueError: place_ops_on_io_tiles is True, but num_io_tiles is 0",
    ),
    "IPUs chosen twice": (
        "config = ipu.config.IPUConfig(); config.auto_select_ipus = 1; config.select_ipus = 1; "
        "config.configure_ipu_system()",
        "ValueError: both auto_select_ipus and select_ipus are set",
    ),
    "a strategy before configuring": (
        "ipu.config.reset_ipu_configuration(); ipu.ipu_strategy.IPUStrategy()",
        "RuntimeError: no IPU has been configured",
    ),
    "running after a reset": (
        "strategy = configured(); ipu.config.reset_ipu_configuration(); strategy.run(double, args=(one,))",
        "RuntimeError: no IPU has been configured",
    ),
    "running outside of the scope": (
        "configured().run(double, args=(one,))",
        "RuntimeError: run was called outside of the strategy's scope",
    ),
    "a second replica": ("run(double, one, ipus=2)", "RuntimeError: the program would run in 2 replicas: expected 1"),
    "enqueueing twice": (
        QUEUE + "twice = lambda x: (x, queue.enqueue(x), queue.enqueue(x)); "
        "run(compiled(lambda x: ipu.loops.repeat(2, twice, [x])), one)",
        "ValueError: An outfeed can only be enqueued once.",
    ),
    "a queue of two programs": (
        QUEUE + "run(recording(queue, 2), one); run(recording(queue, 3), one)",
        "ValueError: the outfeed already belongs to a program of another length or shape",
    ),
    "no mode of a queue": (
        "ipu.ipu_outfeed_queue.IPUOutfeedQueue(outfeed_mode='all')",
        "ValueError: outfeed_mode is 'all': expected an IPUOutfeedMode",
    ),
    "a loop that changes the type": (
        "run(compiled(lambda x: ipu.loops.repeat(2, lambda y: y > 0.0, [x])), one)",
        "TypeError: the body turns <dtype: 'float32'> () into <dtype: 'bool'> ()",
    ),
    "a loop with more results": (
        "run(compiled(lambda x: ipu.loops.repeat(2, lambda y: (y, y), [x])), one)",
        "ValueError: the body returns more than 1 values: expected operations after them",
    ),
}


@pytest.fixture(scope="module")
def results():
    if BACKENDS["tensorflow-cpu-f32"].missing():
        pytest.skip(BACKENDS["tensorflow-cpu-f32"].missing())
    return outcomes("ipu", PRELUDE, {name: code for name, (code, _) in CASES.items()})


@pytest.mark.slow  # TensorFlow is imported once more: four seconds; test_standins.py runs programs on it
@pytest.mark.parametrize("name", CASES)
def test_the_stand_in_runs_or_refuses_as_the_real_one(results, name):
    assert results[name].startswith(CASES[name][1]), results[name]
