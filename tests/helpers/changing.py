"""A process of two that changes its worker: `python -m tests.helpers.changing HOST:PORT I` prints what all told it."""

from __future__ import annotations

import sys
from typing import cast

from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.remote import worker
from neurochip_bench.backends.sharded.remote import RemoteSharded, over
from neurochip_bench.backends.sharded.start import Group

# Of CPUs and of GPUs, of which none is needed for talking; each has a worker of its own, and all of them one port.
BY = (("jax-cpu-f32", 2), ("jax-gpu-f32", 2), ("jax-cpu-f64", 4), ("jax-cpu-f32", 2))


def main(coordinator: str, process: str) -> None:
    """Say the number of the process and of each change, and what the others say."""
    group = Group(coordinator, 2, int(process))
    for number, (name, devices) in enumerate(BY):
        program = cast("type[RemoteSharded]", over(BACKENDS[name], devices, group).program)
        print(*program.told(f"{process}:{number}"))
    worker.close_all()


if __name__ == "__main__":
    main(*sys.argv[1:])
