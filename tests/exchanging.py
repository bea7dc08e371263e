"""What an exchange costs inside of a step, between two processes of one core each, measured by turns in one run.

`OMP_NUM_THREADS=1 python -m tests.exchanging SIDE` runs a connected network of inferior olives as large as two cubes of
that side, one for each process, and says what a step takes at best in µs: of one process with its share alone, of two
without the exchange, of two that send each other one signal, of two with the exchange, and the bare exchange in a loop.

Then the same exchange behind other work that takes as long as the step: on little memory, on as much as the network
has, where the second process works half as long or not at all, and where both sleep meanwhile, so that cores are free;
each beside the same without the exchange. Then with the thread that computes kept on a core of its own in each process,
while Gloo's threads may use both. And how far apart the processes are at the end of a step that each makes for itself.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from typing import Any, Callable, Mapping

import numpy as np

from model.kernels import KERNELS
from model.network import build
from neurochip_bench.backends.jax_xla import JaxProgram
from neurochip_bench.backends.sharded.exchange import AXIS, ahead
from neurochip_bench.backends.sharded.program import ShardedCpuProgram
from neurochip_bench.settings import Settings

ROUNDS, MS = 11, 10
STEPS = MS * 40
LITTLE = 1024  # numbers that stay in a core's first cache
TRIED = 2**18  # numbers over which passes are timed that say how many take as long as a step
COMPUTING: set[int] = set()  # threads that have run a step
Run = Callable[[], object]


class Deaf(ShardedCpuProgram):
    """A program whose shards hear nothing of each other, at the same places."""

    def couple(self, ops, held, under_way, cells):
        couple: Any = super().couple(ops, held, under_way, cells)
        jax = self._jax

        def hear(signal):
            both = jax.numpy.concatenate([signal, self.received(signal)])
            return self.hearing(signal, jax.lax.optimization_barrier(both))

        couple._hear = hear
        return couple

    def received(self, signal):
        """Nothing."""
        return self._jax.numpy.zeros(self.shared.form.foreign, self.dtype)


class Nodding(Deaf):
    """A program whose shards send each other one signal, so that they wait for each other, and no more."""

    def received(self, signal):
        """One signal, in front of nothing."""
        turn = [(0, 1), (1, 0)]
        return super().received(signal).at[:1].set(self._jax.lax.ppermute(signal[:1], AXIS, turn))


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
    """Sleep, and give back what came; says which thread computes."""
    COMPUTING.add(threading.get_native_id())
    time.sleep(int(us) * 1e-6)
    return np.asarray(array)


def kept(core: int, run: Run) -> Run:
    """A run in which the thread that computes stays on one core of those that the process has."""

    def there() -> None:
        everywhere = os.sched_getaffinity(0)
        for thread in COMPUTING:
            os.sched_setaffinity(thread, {sorted(everywhere)[core]})
        run()
        for thread in COMPUTING:
            os.sched_setaffinity(thread, everywhere)

    return there


def timed(run: Run) -> float:
    """µs of a step."""
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) / STEPS * 1e6


def by_turns(runs: Mapping[str, Run | None]) -> dict[str, float]:
    """The least µs of a step of each; both processes begin together."""
    from jax.experimental.multihost_utils import sync_global_devices

    best: dict[str, float] = {}
    for number in range(ROUNDS + 1):
        for name, run in runs.items():
            sync_global_devices(f"{name} {number}")
            took = timed(run or (lambda: None))
            if number:  # the first touches memory
                best[name] = min(took, best.get(name, np.inf))
    return best


def apart(deaf) -> tuple[float, float]:
    """(µs of a step that each makes for itself, how much longer the slower of both takes), at the median."""
    from jax.experimental.multihost_utils import process_allgather

    def step(rows, armed, applied, arrays):
        held = deaf._held(arrays, applied[0])
        return deaf._steps(0, np.int32(0), np.int32(1), held, rows, armed, deaf._jax.numpy.zeros_like(armed))

    given = deaf._rows, deaf._armed, deaf._at_rest, deaf._arrays
    one = deaf._jax.jit(deaf._over_shards(step, given, (deaf._rows, deaf._armed, deaf._armed)))
    deaf._jax.block_until_ready(one(*given))
    took = np.zeros(STEPS)
    for i in range(STEPS):
        start = time.perf_counter()
        deaf._jax.block_until_ready(one(*given))
        took[i] = (time.perf_counter() - start) * 1e6
    both = np.asarray(process_allgather(took))
    return float(np.median(both)), float(np.mean(both.max(0) - both.mean(0)))


def measure(side: int, coordinator: str, process: int) -> None:
    """One of the processes."""
    settings, dtype = Settings(KERNELS["io"], "padded"), np.dtype("f4")
    both, one = build("io", shape=(side, side, 2 * side)).rounded(), build("io", side).rounded()
    group = {"devices": 2, "group": (coordinator, 2, process)}
    hearing = ShardedCpuProgram(dtype, both, settings, **group)
    deaf, nodding = (kind(dtype, both, settings, **group) for kind in (Deaf, Nodding))
    alone = JaxProgram(dtype, one, settings) if process == 0 else None
    held = sum(array.nbytes for array in deaf._jax.tree.leaves((deaf._rows, deaf._arrays))) // 2 // dtype.itemsize
    little, much, resting = Working(hearing), Working(hearing, held), Working(hearing, sleeping=True)
    step = by_turns({"": lambda: compute(deaf)})[""]
    few, many, us = little.passes(step), much.passes(step), round(step)
    best = by_turns(
        {
            "one alone": (lambda: alone._advance(MS, None)) if alone else None,
            "two, no exchange": lambda: compute(deaf),
            "two, one signal": lambda: compute(nodding),
            "two": lambda: compute(hearing),
            "bare exchange": little.run(0, hearing=True),
            "little memory": little.run(few, hearing=False),
            "little memory, then the exchange": little.run(few, hearing=True),
            "much memory": much.run(many, hearing=False),
            "much memory, then the exchange": much.run(many, hearing=True),
            "the second works half as long": little.run(few if process == 0 else few // 2, hearing=True),
            "the second only answers": little.run(few if process == 0 else 0, hearing=True),
            "sleep": resting.run(us, hearing=False),
            "sleep, then the exchange": resting.run(us, hearing=True),
            "two, no exchange, each on its core": kept(process, lambda: compute(deaf)),
            "two, each on its core": kept(process, lambda: compute(hearing)),
            "bare exchange, each on its core": kept(process, little.run(0, hearing=True)),
            "little memory, then the exchange, each on its core": kept(process, little.run(few, hearing=True)),
        }
    )
    took, longer = apart(deaf)
    if process == 0:
        print(f"{hearing.network.cells:,} cells, {hearing.shared.form.foreign:,} signals to each, {hearing.exchange}")
        print(*(f"{name}: {took:,.0f} µs" for name, took in best.items()), sep="\n")
        print(f"threads that compute: {len(COMPUTING)}, the first one {threading.get_native_id() in COMPUTING}")
        print(f"steps each called alone: {took:,.0f} µs, the slower of both {longer:,.0f} µs above their mean")


def compute(program) -> None:
    """Ten milliseconds, of which nothing is read back."""
    times = np.int32(0), np.int32(MS)
    program._rows, program._armed, *recorded = program._run(
        *times, program._rows, program._armed, program._at_rest, program._arrays
    )
    program._jax.block_until_ready((program._rows, recorded))


def main(side: int) -> int:
    """Start both; the worse exit code."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        coordinator = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "tests.exchanging", str(side), coordinator]
    started = [subprocess.Popen([*command, str(process)]) for process in range(2)]
    return max(process.wait() for process in started)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.exit(main(int(sys.argv[1])))
    measure(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
