"""What an exchange costs inside of a step, between two processes of one core each, measured by turns in one run.

`OMP_NUM_THREADS=1 python -m tests.exchanging SIDE` runs a connected network of inferior olives as large as two cubes of
that side, one for each process, and says what a step takes at best in µs: of one process with its share alone, of two
without the exchange, of two that send each other one signal, of two with the exchange, and the bare exchange in a loop.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from typing import Any

import numpy as np

from model.kernels import KERNELS
from model.network import build
from neurochip_bench.backends.jax_xla import JaxProgram
from neurochip_bench.backends.sharded.exchange import AXIS, ahead
from neurochip_bench.backends.sharded.program import ShardedCpuProgram
from neurochip_bench.settings import Settings

ROUNDS, MS = 7, 10


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


def bare(program):
    """A function that makes the exchange of so many steps, and nothing else."""
    jax, form = program._jax, program.shared.form

    def steps(number, signal, sends):
        def body(_, signal):
            received = jax.numpy.concatenate(ahead(jax, form, signal.at[sends].get(mode="promise_in_bounds")))
            return signal.at[: received.shape[0]].add(received)  # so that each waits for the one before

        return jax.lax.fori_loop(0, number, body, signal)

    signal, sends = program._put(np.zeros(program.cut.seats)), program._arrays["sends"]
    function = jax.jit(program._over_shards(steps, (np.int32(0), signal, sends), signal))
    return lambda: jax.block_until_ready(function(np.int32(MS * 40), signal, sends))


def measure(side: int, coordinator: str, process: int) -> None:
    """One of the processes."""
    settings, dtype = Settings(KERNELS["io"], "padded"), np.dtype("f4")
    both, one = build("io", shape=(side, side, 2 * side)).rounded(), build("io", side).rounded()
    group = {"devices": 2, "group": (coordinator, 2, process)}
    hearing = ShardedCpuProgram(dtype, both, settings, **group)
    deaf, nodding = (kind(dtype, both, settings, **group) for kind in (Deaf, Nodding))
    alone = JaxProgram(dtype, one, settings) if process == 0 else None
    from jax.experimental.multihost_utils import sync_global_devices

    runs = {
        "one alone": alone and (lambda: alone._advance(MS, None)),
        "two, no exchange": lambda: compute(deaf),
        "two, one signal": lambda: compute(nodding),
        "two": lambda: compute(hearing),
        "bare exchange": bare(hearing),
    }
    best: dict[str, float] = {}
    for number in range(ROUNDS + 1):
        for name, run in runs.items():
            sync_global_devices(f"{name} {number}")
            start = time.perf_counter()
            if run:
                run()
            took = (time.perf_counter() - start) / (MS * 40) * 1e6
            if number:  # the first touches memory
                best[name] = min(took, best.get(name, np.inf))
    if process == 0:
        print(f"{hearing.network.cells:,} cells, {hearing.shared.form.foreign:,} signals to each, {hearing.exchange}")
        print(", ".join(f"{name}: {took:,.0f} µs" for name, took in best.items()))


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
