"""What the system counts for this process and its machine, read before and after each round: no thread of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psutil

from neurochip_bench.suite.timing import linux

TICK_S = 0.01  # by which the counters of a whole machine move


@dataclass(frozen=True)
class Reading:
    """Counters at a moment, in seconds since some start; None for what a system does not count.

    cpu_s        CPU time of this process, all threads
    threads      each of its threads
    throttled_s  for how long a container's quota stopped it
    stolen_s     what the hypervisor gave to other machines, all cores
    busy_s       CPU time of all processes
    """

    wall_s: float
    cpu_s: float
    threads: linux.Threads | None
    throttled_s: float | None
    stolen_s: float | None
    busy_s: float


@dataclass(frozen=True)
class Spent:
    """What was counted between two readings, in seconds as in `Reading`; `held_up` is the part that `linux` says."""

    wall_s: float
    cpu_s: float
    held_up: float | None = None
    throttled_s: float | None = None
    stolen_s: float | None = None
    busy_s: float = 0.0


def now() -> Reading:
    """The counters now."""
    times = psutil.cpu_times()
    busy = times.user + times.system + getattr(times, "nice", 0.0)
    busy += getattr(times, "irq", 0.0) + getattr(times, "softirq", 0.0)
    return Reading(
        time.perf_counter(),
        time.process_time(),
        linux.threads(),
        linux.throttled_s(),
        getattr(times, "steal", None),
        busy,
    )


def between(before: Reading, after: Reading) -> Spent:
    """What was counted between two readings."""
    wall_s, threads = after.wall_s - before.wall_s, (before.threads, after.threads)
    return Spent(
        wall_s,
        after.cpu_s - before.cpu_s,
        None if threads[0] is None or threads[1] is None else linux.held_up(threads[0], threads[1], wall_s),
        _difference(before.throttled_s, after.throttled_s),
        _difference(before.stolen_s, after.stolen_s),
        after.busy_s - before.busy_s,
    )


def _difference(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before
