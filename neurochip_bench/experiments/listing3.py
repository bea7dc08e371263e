"""Spike delivery with delays by a TensorArray of queues: the paper's listing 3.

Landsmeer et al. (2024), Neurocomputing 598:127953. Another integrate-and-fire neuron than `model.kernels.lif`:
v' = -v / 20 by forward Euler with a step of 1, threshold 10, reset to 0, no drive; a spike adds 1 to each target,
delays are in steps, and a delay of 0 stands for no connection.
docs/delays.md says what is odd about the listing and what of it compiles.
"""

from __future__ import annotations

import heapq
from typing import Any, Callable, List, Tuple

import numpy as np

from model.arrays import Array, Floats, Integers

Tensorflow = Any  # the module `tensorflow`, which ships no types

DT, TAU, THRESHOLD = 1, 20, 10
NEURONS, STEPS, MAX_DELAY = 100, 1000, 20


def inputs(neurons: int = NEURONS, seed: int = 42) -> Tuple[Integers, Floats]:
    """(delays (N, N), source by target, 0 or from 10 to 19 steps; v (N,)), as the listing draws them after a seed."""
    random = np.random.RandomState(seed)  # what `np.random.seed` sets, in the listing's order
    delays = random.randint(10, 20, (neurons, neurons)) * (random.random_sample((neurons, neurons)) > 0.8)
    return delays.astype(np.int64), 20 * random.random_sample(neurons)


def event_queue(delays: Integers, start: Floats, steps: int = STEPS) -> Floats:
    """The listing's model by a queue of events in plain Python: v after each step (steps + 1, N)."""
    queue: List[Tuple[int, int]] = []  # of (step, target)
    v = [float(x) for x in start]
    trace = [list(v)]
    for step in range(steps):
        arrived = [0.0] * len(v)
        while queue and queue[0][0] == step:
            arrived[heapq.heappop(queue)[1]] += 1.0
        for cell in range(len(v)):
            v[cell] = v[cell] - v[cell] / TAU * DT + arrived[cell]
            if v[cell] >= THRESHOLD:
                v[cell] = 0.0
                for target in np.flatnonzero(delays[cell]):
                    heapq.heappush(queue, (step + int(delays[cell, target]), int(target)))
        trace.append(list(v))
    return np.array(trace)


def as_printed(tf: Tensorflow, delays: Integers, v: Array, steps: int = STEPS) -> Floats:
    """The listing in eager TensorFlow, one Python iteration a step and one more a spike: v after each step."""
    spikes, delay_matrix = _queues(tf, steps), tf.constant(delays)
    v = tf.constant(v)
    trace = [v]
    for step in range(steps):
        v, spikes = _lif(tf, step, v, spikes, delay_matrix)
        trace.append(v)
    return np.array([row.numpy() for row in trace])


def compiled(tf: Tensorflow, jit_compile: bool = False) -> Callable[..., Array]:
    """The listing as one `tf.function` of (delays, v, steps): v after each step.

    What it takes: indices cast to int32, the number of targets as a tensor, and the steps as a loop. The listing's
    queues have lengths that depend on spikes, which XLA has no type for: with `jit_compile` calling it raises.
    """

    def function(delays: Array, v: Array, steps: Array) -> Array:
        def body(step: Array, v: Array, spikes: Array, trace: Array) -> Tuple[Array, ...]:
            v, spikes = _lif(tf, step, v, spikes, delays)
            return step + 1, v, spikes, trace.write(step + 1, v)

        trace = tf.TensorArray(v.dtype, size=steps + 1, element_shape=v.shape).write(0, v)
        start = (tf.constant(0), v, _queues(tf, steps), trace)
        return tf.while_loop(lambda step, *_: step < steps, body, start)[-1].stack()

    return tf.function(function, jit_compile=jit_compile, autograph=False)


def _queues(tf: Tensorflow, steps: Array) -> Array:
    """A queue of targets for each step, all empty."""
    spikes = tf.TensorArray(tf.int64, size=0, dynamic_size=True, clear_after_read=True, infer_shape=False)
    nothing = tf.constant([], dtype=tf.int64)
    if tf.executing_eagerly():
        for i in range(steps + MAX_DELAY):
            spikes = spikes.write(i, nothing)
        return spikes
    loop = (lambda i, _: i < steps + MAX_DELAY, lambda i, spikes: (i + 1, spikes.write(i, nothing)))
    return tf.while_loop(*loop, (tf.constant(0), spikes))[1]


def _lif(tf: Tensorflow, step: Array, v: Array, spikes: Array, delay_matrix: Array) -> Tuple[Array, Array]:
    """A step, as printed but for what a graph needs."""
    i = spikes.read(step)
    i = tf.tensor_scatter_nd_add(tf.zeros_like(v), tf.reshape(i, (-1, 1)), tf.ones_like(i, dtype=v.dtype))
    v = v - v / TAU * DT + i
    s = v >= THRESHOLD
    delays = tf.boolean_mask(delay_matrix, s)
    targets = tf.where(delays != 0)[:, 1]
    delays = tf.cast(tf.boolean_mask(delays, delays != 0), tf.int32)

    def body(i: Array, spikes: Array) -> Tuple[Array, Array]:
        due = step + delays[i]
        return i + 1, spikes.write(due, tf.concat([spikes.read(due), [targets[i]]], axis=0))

    spikes = tf.while_loop(lambda i, _: i < tf.size(targets), body, [tf.constant(0), spikes])[1]
    return tf.where(s, tf.zeros_like(v), v), spikes
