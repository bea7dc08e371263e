"""JAX with so many devices, of this process or of all processes of a run: how many is fixed when it starts."""

from __future__ import annotations

from functools import lru_cache
from typing import List, NamedTuple, Tuple

from neurochip_bench.backends.jax_xla import load_jax
from neurochip_bench.backends.libraries import Handle, Library

LOST_S = 30  # without a word from a process, after which the others end; JAX's default is 100
MEETING_S = 50  # in which all processes have to have come; JAX's default is 300


class Group(NamedTuple):
    """The processes that run one network together, of which this is number `process`.

    coordinator  host:port of process 0, "" where there is one process
    """

    coordinator: str = ""
    processes: int = 1
    process: int = 0


@lru_cache(maxsize=None)
def started(platform: str, devices: int, group: Group) -> Tuple[Library, List[Handle]]:
    """(JAX, the devices in the order of the shards, those of a process side by side).

    Raises ValueError where there are fewer.
    """
    jax, each = load_jax(), devices // group.processes
    if platform == "cpu" and each > max(1, jax.config.jax_num_cpu_devices):  # one without the setting, which slows it
        jax.config.update("jax_num_cpu_devices", each)
    if group.processes > 1:
        meet(jax, group)
    there = jax.devices(platform)
    found = [
        device
        for process in range(group.processes)
        for device in [d for d in there if d.process_index == process][:each]
    ]
    if len(found) < devices:
        raise ValueError(f"devices is {devices}: expected at most {len(there)}, so many there are")
    return jax, found


def meet(jax: Library, group: Group) -> None:
    """Wait for the other processes; the coordinator listens at its own address alone."""
    jax.distributed.initialize(
        group.coordinator,
        group.processes,
        group.process,
        cluster_detection_method="deactivate",
        initialization_timeout=MEETING_S,
        heartbeat_timeout_seconds=LOST_S,
        coordinator_bind_address=group.coordinator,
    )
