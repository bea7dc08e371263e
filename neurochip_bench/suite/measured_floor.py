"""The least time that a step can take on this machine, from what it computes and moves, and the speeds measured here.

It is a bound, not what the machine can do: nothing says that a program can reach it.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Iterable

import numpy as np

from model.arrays import Reals
from model.kernels import KERNELS
from model.network import connectivity
from neurochip_bench.backends.host import cores
from neurochip_bench.keep.floor import Floor, bounded
from neurochip_bench.keep.record import Record
from neurochip_bench.suite.floor import Work, work

SPECIAL_OPERATIONS = 8
FEWEST, MOST, SECONDS = 3, 10, 0.3  # products of which the fastest counts: no more are begun after so long
SMALLEST, LARGEST, APART = 2**19, 2**27, 4  # bytes of the matrices that are read: a core's share, and of all of them
COLUMNS = 1024  # of such a matrix


def for_rows(records: Iterable[Record]) -> Floor:
    """The floor of this machine if any of the rows was timed and is bounded by it, else none: it takes its time."""
    timed = any(record.rtf is not None and bounded(record) for record in records)
    return of_this_machine() if timed else Floor()


@lru_cache(maxsize=None)
def of_this_machine() -> Floor:
    """What this machine's cores need at least of each kind of network, by its operations and, if connected, its memory.

    Every operation is taken at the speed of a matrix product in float32, the best that a library gets out of the cores;
    an exponential or a quotient counts as eight, the fewest that a polynomial of float32's precision takes. The states
    of connected cells are read and written once a step, at the speed at which a matrix of the size is read; indices,
    which may be packed, count nothing. Cells that are not connected can be run one after the other, out of a cache.
    """
    per_ns, speeds = operations_per_ns(), read_per_ns()
    floor = Floor()
    for kernel in KERNELS:
        for connected in (False, True):
            kind, step = f"{kernel} {connectivity(connected)}", work(kernel, connected, evenly=True)
            compute = (step.others + SPECIAL_OPERATIONS * step.special) / per_ns
            floor = floor.also(Floor({kind: compute}, {kind: moving(step, speeds)} if connected else {}))
    return floor


def moving(step: Work, speeds: dict[int, float]) -> dict[int, float]:
    """{cells: ns per cell and step} for the state of so many cells and more, of {bytes: bytes per ns}.

    A network is taken to be as fast as a matrix that is not larger than its state: that is faster than it can be.
    """
    held, moved = step.state + step.constants, 2 * step.state + step.constants
    return {-(-size // held): moved / speed for size, speed in speeds.items()}


def operations_per_ns() -> float:
    """Multiplications and additions per ns of a matrix product in float32, the best of some."""
    matrix = np.ones((1024, 1024), np.float32)
    return 2 * len(matrix) ** 3 / best_ns(matrix, matrix)


def read_per_ns() -> dict[int, float]:
    """{bytes: bytes per ns} of matrices of these sizes that all cores multiply by a vector, which reads them once.

    A larger one that is read faster tells that a smaller one can be.
    """
    found: dict[int, float] = {}
    size = SMALLEST * cores()
    while size <= LARGEST:
        matrix, vector = np.ones((size // (4 * COLUMNS), COLUMNS), np.float32), np.ones(COLUMNS, np.float32)
        found[size] = matrix.nbytes / best_ns(matrix, vector)
        size *= APART
    return {size: max(speed for other, speed in found.items() if other >= size) for size in found}


def best_ns(left: Reals, right: Reals) -> float:
    """Nanoseconds of the fastest of some products."""
    seconds: list[float] = []
    while len(seconds) < FEWEST or (len(seconds) < MOST and sum(seconds) < SECONDS):
        start = time.perf_counter()
        left @ right
        seconds.append(time.perf_counter() - start)
    return 1e9 * min(seconds)
