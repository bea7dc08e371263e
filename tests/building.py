"""What building a large network takes of each process that has a share of it: memory and time.

`python -m tests.building SIDE PROCESSES` starts so many processes, each with one CPU device, that draw the connected
network of inferior olives of that side together, prepare it, run a millisecond, and say what each took at most.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time

import numpy as np

from model.kernels import KERNELS
from model.network.drawing import Drawing
from neurochip_bench.backends.sharded.program import ShardedCpuProgram
from neurochip_bench.networks.undrawn import Undrawn
from neurochip_bench.settings import Settings
from neurochip_bench.suite import memory


def build(side: int, coordinator: str, processes: int, process: int) -> None:
    """One of the processes."""
    start = time.perf_counter()
    network = Undrawn(Drawing("io", (side, side, side), True, 42, "paper", False, None, planes=True))
    group = coordinator if processes > 1 else "", processes, process
    options = {"devices": processes, "group": group}
    program = ShardedCpuProgram(np.dtype("f4"), network, Settings(KERNELS["io"]), **options)
    ready = time.perf_counter() - start
    trace, _ = program._advance(1, None)
    share, form = network.state.shape[1], program.shared.form
    print(
        f"process {process} of {processes}: {share:,} of {network.cells:,} cells, {form.foreign:,} signals of others, "
        f"{program.exchange_bytes or 0:,} bytes a step over all, ready after {ready:.0f} s, "
        f"peak {memory.peak_mb():,.0f} MB, mean {trace.mean():.6f} mV",
        flush=True,
    )


def main(side: int, processes: int) -> int:
    """Start the processes; the worst exit code."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        coordinator = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "tests.building", str(side), coordinator, str(processes)]
    started = [subprocess.Popen([*command, str(process)]) for process in range(processes)]
    return max(process.wait() for process in started)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        sys.exit(main(*map(int, sys.argv[1:])))
    build(int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:]))
