"""What an exchange costs inside of a step, between two processes of one core each, measured by turns in one run.

`python -m tests.exchanging SIDE`, on Linux, runs a connected network of inferior olives as large as two cubes of that
side, one for each process, and says what a step takes at best in µs: of one process with its share alone, of two
without the exchange, of two that send each other one signal, of two with the exchange, and the bare exchange in a loop.

Then the same exchange behind other work that takes as long as the step: on little memory, on as much as the network
has, where the second process works half as long or not at all, and where both sleep meanwhile, so that cores are free;
each beside the same without the exchange. Then with the thread that computes kept on a core of its own in each process,
while Gloo's threads may use both. Of each it says how often both were found computing on the same core. And how far
apart the processes are at the end of a step that each makes for itself.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from typing import Any, Mapping

import numpy as np

from model.kernels import KERNELS
from model.network import build
from neurochip_bench.backends.jax_xla import JaxProgram
from neurochip_bench.backends.sharded.exchange import AXIS
from neurochip_bench.backends.sharded.program import ShardedCpuProgram
from neurochip_bench.settings import Settings
from tests.helpers.working import STEPS, Run, Working, timed

ROUNDS, MS = 11, STEPS // 40


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


def kept(process: int, run: Run) -> Run:
    """A run in which this thread, which is the one that computes, stays on one of the process's cores."""

    def there() -> None:
        everywhere = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {everywhere[process]})
        run()
        os.sched_setaffinity(0, everywhere)

    return there


def core() -> int:
    """The core that this thread runs on."""
    with open("/proc/thread-self/stat") as file:
        return int(file.read().rpartition(")")[2].split()[36])


def by_turns(runs: Mapping[str, Run | None]) -> dict[str, tuple[float, int]]:
    """By name (the least µs of a step, at the end of how many rounds both processes computed on the same core)."""
    from jax.experimental.multihost_utils import process_allgather, sync_global_devices

    took, cores = np.zeros((2, len(runs), ROUNDS + 1))
    for number in range(ROUNDS + 1):  # the first touches memory
        for i, (name, run) in enumerate(runs.items()):
            sync_global_devices(f"{name} {number}")
            took[i, number] = timed(run or (lambda: None))
            cores[i, number] = core()
    there = np.asarray(process_allgather(cores[:, 1:]))
    together = (there[0] == there[1]).sum(1)
    return {name: (took[i, 1:].min(), int(together[i])) for i, name in enumerate(runs)}


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
    step, _ = by_turns({"": lambda: compute(deaf)})[""]
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
        for name, (least, together) in best.items():
            print(f"{name}: {least:,.0f} µs, on one core {together} times of {ROUNDS}")
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
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}
    started = [subprocess.Popen([*command, str(process)], env=one_thread) for process in range(2)]
    return max(process.wait() for process in started)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        sys.exit(main(int(sys.argv[1])))
    measure(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
