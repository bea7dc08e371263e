"""The exchange of a program of two processes behind other work than a network's, for `tests.exchanging`."""

from __future__ import annotations

import time
from typing import Callable

import numpy as np

from neurochip_bench.backends.sharded.exchange import ahead

STEPS = 400  # of a round
LITTLE = 1024  # numbers that stay in a core's first cache
TRIED = 2**18  # numbers over which passes are timed that say how many take as long as a step
Run = Callable[[], object]


class Working:
    """The exchange of a program behind passes over an array of so many numbers, or behind as many µs of sleep."""

    def __init__(self, program, numbers: int = LITTLE, sleeping: bool = False) -> None:
        self._program, self._jax, self._sleeping = program, program._jax, sleeping
        signal, array = (program._put(np.zeros(size)) for size in (program.cut.seats, numbers))
        self._given = signal, array, program._arrays["sends"]
        self._compiled = {hearing: self._made(hearing) for hearing in (False, True)}

    def run(self, length: int, hearing: bool) -> Run:
        """A function that makes the steps of a round, each with work of such a length in this process."""
        lengths, steps = self._program._put(np.full(1, length, np.int32)), self._compiled[hearing]
        return lambda: self._jax.block_until_ready(steps(np.int32(STEPS), lengths, *self._given))

    def passes(self, step_us: float) -> int:
        """How many passes take as long as a step, as process 0 finds; the same for both."""
        from jax.experimental.multihost_utils import broadcast_one_to_all

        length = max(1, TRIED // self._given[1].shape[0])
        tried = self.run(length, hearing=False)
        found = round(length * step_us / min(timed(tried) for _ in range(4)))
        return max(1, int(broadcast_one_to_all(np.int32(found))))

    def _made(self, hearing: bool):
        def steps(number, lengths, signal, array, sends):
            def body(_, carried):
                signal, array = carried
                array = self._work(lengths[0], array.at[0].add(signal[0]))
                signal = signal.at[0].set(array[-1] * 1e-3)
                return self._exchanged(signal, sends) if hearing else signal, array

            return self._jax.lax.fori_loop(0, number, body, (signal, array))

        numbers = np.int32(0), self._program._put(np.zeros(1, np.int32))
        return self._jax.jit(self._program._over_shards(steps, (*numbers, *self._given), self._given[:2]))

    def _work(self, length, array):
        if self._sleeping:
            slept = self._jax.pure_callback(sleep, array[:1], length, array[:1])
            return array.at[:1].set(slept)
        return self._jax.lax.fori_loop(0, length, lambda _, a: a * 0.5 + 1.0, array)

    def _exchanged(self, signal, sends):
        sent = signal.at[sends].get(mode="promise_in_bounds")
        received = self._jax.numpy.concatenate(ahead(self._jax, self._program.shared.form, sent))
        return signal.at[: received.shape[0]].add(received)  # so that each waits for the one before


def sleep(us, array):
    """Sleep, and give back what came."""
    time.sleep(int(us) * 1e-6)
    return np.asarray(array)


def timed(run: Run) -> float:
    """µs of a step."""
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) / STEPS * 1e6
