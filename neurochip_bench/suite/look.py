"""How much of the machine others use while a session begins: what it has to import anyway is the time to look.

The first plugin that conftest.py names, so that it is imported before all others.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass

import psutil

from neurochip_bench.suite.timing import reading
from neurochip_bench.suite.timing.evidence import others

LOOK_S = 0.5  # the shortest look: a tick of the counters is 2 % of it


@dataclass(frozen=True)
class Moment:
    """Seconds until then: of wall time, of CPU time of this process and what it has started, and of all cores."""

    wall_s: float
    own_s: float
    busy_s: float


def now() -> Moment:
    """What has been counted until now; what a hypervisor gave to other machines is busy too."""
    machine = reading.machine()
    return Moment(time.perf_counter(), own_s(), machine.busy_s + (machine.stolen_s or 0.0))


def own_s() -> float:
    """CPU seconds of this process and of those that it has started, whether or not they have ended."""
    found = sum(os.times()[:4])  # of children too that have ended
    for child in running_below():
        with suppress(psutil.Error):  # it ends just now
            found += sum(child.cpu_times()[:4])
    return found


def running_below() -> list[psutil.Process]:
    """The processes that this one has started, and those that these have; none where the system does not list them."""
    try:
        return psutil.Process().children(recursive=True)
    except (psutil.Error, OSError):
        return []


def share_of_others(since: Moment) -> float:
    """The part of the machine's cores that others have used since a moment; waits where that is not long ago."""
    time.sleep(max(0.0, since.wall_s + LOOK_S - time.perf_counter()))
    end = now()
    spent = reading.Spent(end.wall_s - since.wall_s, end.own_s - since.own_s, busy_s=end.busy_s - since.busy_s)
    return others([spent], os.cpu_count() or 1)


BEGAN = now()
