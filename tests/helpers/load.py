"""A load that competes with what is timed: processes that keep every core busy."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import Iterator

from neurochip_bench.backends.host import cores


@contextmanager
def busy_cores(processes: int | None = None) -> Iterator[None]:
    """As many busy processes as cores, or another number, until the context ends."""
    endless = [sys.executable, "-S", "-c", "print(flush=True)\nwhile True: pass"]
    running = [subprocess.Popen(endless, stdout=subprocess.PIPE) for _ in range(processes or cores())]
    try:
        for process in running:
            assert process.stdout is not None, "it was asked for"
            process.stdout.readline()  # it has begun
        yield
    finally:
        for process in running:
            process.kill()
            process.communicate()
