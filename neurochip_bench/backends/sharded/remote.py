"""Backends over several devices: each number of them runs in a worker, since it is fixed when JAX starts."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import lru_cache
from typing import Any, Mapping

import numpy as np

from model.arrays import Array
from model.network import Network
from neurochip_bench.backends.backend import Backend
from neurochip_bench.backends.jax_xla import JaxGpuProgram, JaxProgram, JaxTpuProgram
from neurochip_bench.backends.program import Program
from neurochip_bench.backends.remote.home import PARTS
from neurochip_bench.backends.remote.program import RemoteProgram
from neurochip_bench.backends.remote.worker import Worker, worker_for
from neurochip_bench.backends.sharded.program import ShardedCpuProgram, ShardedGpuProgram, ShardedTpuProgram
from neurochip_bench.backends.sharded.start import Group
from neurochip_bench.networks.undrawn import Undrawn
from neurochip_bench.settings import Settings

ALONE = Group()
NEEDS = (
    *PARTS, "backends/flags.py", "backends/host.py", "backends/jax_ops.py", "backends/jax_settings.py",
    "backends/jax_xla.py", "backends/quota.py", "backends/sharded", "backends/xla.py",
)  # fmt: skip


def told_by(worker: Worker, group: Group, text: str) -> list[str]:
    """What each process of a group says, by its worker."""
    reply, _ = worker.ask({"do": "told", "text": text, "group": group}, {})
    return list(reply["said"])


class RemoteSharded(RemoteProgram, JaxProgram):
    """Mixin before a device's program: its network in shards over the `devices` of a `group`, in a worker."""

    needs = NEEDS
    group = ALONE

    def __init__(self, dtype: np.dtype, network: Network, settings: Settings) -> None:
        super().__init__(dtype, network, settings, devices=self.devices, group=self.group)

    @classmethod
    def python(cls) -> str:
        """This one."""
        return sys.executable

    @classmethod
    def missing(cls) -> str | None:
        """None, or a sentence, as on one device."""
        return cls.there.missing()

    @classmethod
    def of_worker(cls) -> str:
        """What tells its worker from others of the same programs."""
        return f"{cls.devices} devices of {cls.group}"

    @classmethod
    def worker(cls) -> Worker:
        """The one of its devices and group.

        A group meets at one port, so that it has one worker in each process: another one is left by all together.
        """
        there = cls.there
        kind = cls.python(), there.__module__, there.__name__, cls.needs, cls.of_worker()
        return worker_for(*kind, cls.group.coordinator, cls.part)

    @classmethod
    def part(cls, worker: Worker) -> None:
        """Wait until all processes of the group leave a worker; RuntimeError where it has ended: so has the group."""
        if cls.group != ALONE:
            told_by(worker, cls.group, "parting")

    @classmethod
    def told(cls, text: str) -> list[str]:
        """What each process of the group says, once all have said something; each asks for it at the same place.

        Raises RuntimeError where one of them is gone.
        """
        return told_by(cls.worker(), cls.group, text)

    def best_coupling(self, network: Network) -> str:
        """What the worker's would choose."""
        return "padded" if isinstance(network, Undrawn) else super().best_coupling(network)

    def warm_compile(self) -> float | None:
        """None: of programs over several devices that is not measured."""
        return None

    def _lay_out(self, network: Network) -> list[Array]:
        return []  # there


class RemoteShardedCpu(RemoteSharded):
    """A network in shards over CPUs."""

    there, unsupported = ShardedCpuProgram, ShardedCpuProgram.unsupported


class RemoteShardedGpu(RemoteSharded, JaxGpuProgram):
    """A network in shards over NVIDIA GPUs."""

    there, unsupported = ShardedGpuProgram, ShardedGpuProgram.unsupported


class RemoteShardedTpu(RemoteSharded, JaxTpuProgram):
    """A network in shards over the chips of a TPU."""

    there, unsupported = ShardedTpuProgram, ShardedTpuProgram.unsupported


REMOTE: Mapping[type[Program], type[RemoteSharded]] = {
    JaxProgram: RemoteShardedCpu,
    JaxGpuProgram: RemoteShardedGpu,
    JaxTpuProgram: RemoteShardedTpu,
}


def many(backend: Backend) -> bool:
    """Whether a backend runs a network on many devices."""
    return backend.program in REMOTE


@lru_cache(maxsize=None)
def over(backend: Backend, devices: int, group: Group = ALONE) -> Backend:
    """A backend as one that runs networks over so many devices; on one device of one process it is itself."""
    if devices == 1 and group == ALONE:
        return backend
    kind = REMOTE[backend.program]
    names: dict[str, Any] = {"devices": devices, "processes": group.processes, "group": group, "__doc__": kind.__doc__}
    return replace(backend, program=type(kind.__name__, (kind,), names))
