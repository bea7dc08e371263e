"""What Linux counts of a process that psutil does not read: waiting for a core, and a container's throttling."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Mapping, NamedTuple


class Thread(NamedTuple):
    """Nanoseconds that a thread has run, and has waited on a run queue though it could have."""

    ran: int
    waited: int


Threads = Mapping[str, Thread]  # by their numbers

TASKS = Path("/proc/self/task")
GROUP, GROUPS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


def threads(tasks: Path = TASKS) -> Threads | None:
    """The threads of this process; None where the system does not count what they wait."""
    found: dict[str, Thread] = {}
    with suppress(OSError):
        for number in os.listdir(tasks):
            with suppress(OSError, ValueError), open(f"{tasks}/{number}/schedstat") as file:  # it may end meanwhile
                ran, waited, *_ = map(int, file.read().split())
                found[number] = Thread(ran, waited)
    return found or None


def held_up(before: Threads, after: Threads, wall_s: float) -> float:
    """The part of its time that a program lost because its threads waited for a core, at the least.

    Either the part that its busiest thread waited, or that for which none ran and some waited. All waiting would be too
    much: XLA's caller queues behind the thread that it has called, which costs nothing.
    """
    nothing = Thread(0, 0)
    starts = [before.get(number, nothing) for number in after]
    spans = [Thread(t.ran - start.ran, t.waited - start.waited) for t, start in zip(after.values(), starts)]
    busiest, idle_s = max(spans), wall_s - sum(span.ran for span in spans) / 1e9
    alone = busiest.waited / (busiest.ran + busiest.waited) if busiest.waited > 0 else 0.0
    together = min(idle_s, sum(span.waited for span in spans) / 1e9) / wall_s
    return max(0.0, alone, together)


def throttled_s(group: Path = GROUP, groups: Path = GROUPS) -> float | None:
    """Seconds for which the CPU quota of this process's control group, or of one above it, has stopped it.

    None without control groups of version 2.
    """
    try:
        own = next(line[3:] for line in group.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return None
    place = groups / own.lstrip("/")
    files = [folder / "cpu.stat" for folder in (place, *place.parents) if groups in (folder, *folder.parents)]
    found = [usec for file in files if (usec := _throttled_usec(file)) is not None]
    return sum(found) / 1e6 if found else None


def _throttled_usec(file: Path) -> int | None:
    with suppress(OSError, ValueError):
        pairs = (line.split() for line in file.read_text().splitlines())
        return next((int(value) for key, value in pairs if key == "throttled_usec"), None)
    return None
