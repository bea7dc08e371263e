"""What the system counts for this process and its machine, read before and after each round: no thread of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Tuple

import psutil

from neurochip_bench.suite.timing import linux

BUSY = ("user", "nice", "system", "irq", "softirq")  # what psutil calls the times of a core at work
TICK_S = 0.01  # by which the counters of a whole machine move


@dataclass(frozen=True)
class Own:
    """What this process has had: wall and CPU time in seconds, and each of its threads, None where it is not told."""

    wall_s: float
    cpu_s: float
    threads: linux.Threads | None


@dataclass(frozen=True)
class Machine:
    """What the machine has had, in seconds; None for what a system does not count.

    throttled_s  for how long a container's quota stopped this process
    stolen_s     what the hypervisor gave to other machines, all cores
    busy_s       CPU time of all processes
    """

    throttled_s: float | None
    stolen_s: float | None
    busy_s: float


Reading = Tuple[Own, Machine]


@dataclass(frozen=True)
class Spent:
    """What was counted between two readings, in seconds as there; `held_up` is the part that `linux.held_up` says."""

    wall_s: float
    cpu_s: float
    held_up: float | None = None
    throttled_s: float | None = None
    stolen_s: float | None = None
    busy_s: float = 0.0


def before() -> Reading:
    """The counters before a round: the process's clocks are the last that is read."""
    counted, threads = machine(), linux.threads()
    return Own(time.perf_counter(), time.process_time(), threads), counted


def after() -> Reading:
    """The counters after a round: the process's clocks are the first that is read."""
    return Own(time.perf_counter(), time.process_time(), linux.threads()), machine()


def machine() -> Machine:
    """What the machine has had until now."""
    times = psutil.cpu_times()
    busy = sum(getattr(times, kind, 0.0) for kind in BUSY)
    return Machine(linux.throttled_s(), getattr(times, "steal", None), busy)


def between(start: Reading, end: Reading) -> Spent:
    """What was counted between two readings."""
    (mine, first), (later, last) = start, end
    wall_s, known = later.wall_s - mine.wall_s, mine.threads is not None and later.threads is not None
    return Spent(
        wall_s,
        later.cpu_s - mine.cpu_s,
        linux.held_up(mine.threads or {}, later.threads or {}, wall_s) if known else None,
        _difference(first.throttled_s, last.throttled_s),
        _difference(first.stolen_s, last.stolen_s),
        last.busy_s - first.busy_s,
    )


def _difference(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else end - start
