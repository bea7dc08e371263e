"""JAX with so many devices, of this process or of all processes of a run: how many is fixed when it starts."""

from __future__ import annotations

import json
import os
import socket
from functools import lru_cache
from itertools import count
from typing import List, NamedTuple, Tuple

from neurochip_bench.backends import jax_settings
from neurochip_bench.backends.host import THREADS, cores
from neurochip_bench.backends.jax_xla import load_jax, only
from neurochip_bench.backends.libraries import Handle, Library

LOST_S = 30  # without a word from a process, after which the others end; JAX's default is 100
MEETING_S = 35  # in which all processes have to have come; JAX's default is 300
PATIENCE_MS = 24 * 3600 * 1000  # for what another process is going to say: whether it lives is another question

_TALKS = count()  # of this process, in the same order in each


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
    jax, each = met(platform, group), devices // group.processes
    if platform == "cpu" and each > max(1, jax.config.jax_num_cpu_devices):  # one without the setting, which slows it
        jax.config.update("jax_num_cpu_devices", each)
    there = jax.devices(platform)
    found = [
        device
        for process in range(group.processes)
        for device in [d for d in there if d.process_index == process][:each]
    ]
    if len(found) < devices:
        raise ValueError(f"devices is {devices}: expected at most {len(there)}, so many there are")
    return jax, found


@lru_cache(maxsize=None)
def met(platform: str, group: Group) -> Library:
    """JAX for one platform, once all processes have come; that needs none of their devices."""
    only(platform)
    jax = load_jax()
    if group.processes > 1:
        meet(jax, group)
    return jax


def meet(jax: Library, group: Group) -> None:
    """Wait for the other processes; the coordinator listens at its own address alone."""
    jax.distributed.initialize(
        group.coordinator,
        group.processes,
        group.process,
        cluster_detection_method="deactivate",
        initialization_timeout=MEETING_S,
        heartbeat_timeout_seconds=LOST_S,
        shutdown_timeout_seconds=LOST_S,
        coordinator_bind_address=group.coordinator,
    )
    address = reaching(group.coordinator)
    bind_gloo(address)
    bind_nccl(address)
    share_cores(group)


def share_cores(group: Group) -> None:
    """Divide the threads of CPUs among processes that have the same cores, unless the user has.

    Pools of all cores each would hinder each other. JAX reads how many when its client of CPUs is made, later.
    """
    affinity = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    mine = json.dumps([socket.gethostname(), affinity])
    alike = told(mine, group).count(mine)
    if not os.environ.get(THREADS):
        os.environ[jax_settings.POOL] = str(max(1, cores() // alike))


def reaching(coordinator: str) -> str:
    """The address of this host by which the coordinator is reached; nothing is sent for that."""
    host, _, port = coordinator.rpartition(":")
    kind, _, _, _, address = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)[0]
    with socket.socket(kind, socket.SOCK_DGRAM) as asked:
        asked.connect(address)
        return str(asked.getsockname()[0])


def bind_gloo(address: str) -> None:
    """Let Gloo, by which CPUs exchange, listen at one address; by itself it takes what the host's name stands for.

    JAX has no option for it, but its client of CPUs takes collectives that somebody else made.
    """
    from jax._src import distributed, xla_bridge
    from jax._src.lib import _jax

    def client() -> Handle:
        known = distributed.global_state.client
        return xla_bridge.make_cpu_client(_jax.make_gloo_tcp_collectives(known, hostname=address))

    xla_bridge.register_backend_factory("cpu", client, priority=0, fail_quietly=False)


def bind_nccl(address: str) -> None:
    """Let NCCL, by which GPUs exchange, use the interface that has an address, unless the user has named one."""
    import psutil

    for name, held in psutil.net_if_addrs().items():
        if address in [each.address.partition("%")[0] for each in held]:
            os.environ.setdefault("NCCL_SOCKET_IFNAME", f"={name}")  # that one, and none whose name begins so


def told(text: str, group: Group) -> List[str]:
    """What each process says, in their order, once all have said something: by the coordinator, which JAX started.

    That is JAX's own, but has no public name. It knows no limit but that of the process that asks for it.
    """
    from jax._src import distributed

    store: Handle = distributed.global_state.client
    talk = f"neurochip/{next(_TALKS)}"
    store.key_value_set(f"{talk}/{group.process}", text)
    return [str(store.blocking_key_value_get(f"{talk}/{i}", PATIENCE_MS)) for i in range(group.processes)]
