"""Chips that plug into JAX: a platform that is named becomes a backend, without a line of code.

Asking JAX for its platforms starts the accelerator, so that a process of its own does it, which may die.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Sequence

from neurochip_bench.additions.sources import word
from neurochip_bench.backends.backend import Backend
from neurochip_bench.backends.device import Device
from neurochip_bench.backends.jax_xla import JaxProgram
from neurochip_bench.backends.registry import BACKENDS
from neurochip_bench.backends.remote.survive import survived

PROBE_S = 120
PROBE = "import jax; jax.config.update('jax_platforms', {0!r}); print('found', jax.devices({0!r})[0].device_kind)"


@lru_cache(maxsize=None)
def probed(platform: str) -> str | None:
    """None if JAX has a device of a platform, or one sentence."""
    answered, text = survived([sys.executable, "-c", PROBE.format(platform)], PROBE_S)
    said = (text.strip().splitlines() or ["nothing"])[-1].rpartition(" / ")[2]
    return None if answered and said.startswith("found ") else f"JAX has no device of platform {platform!r}: {said}"


class PlatformProgram(JaxProgram):
    """A network compiled by JAX's XLA for a platform that the user names."""

    @classmethod
    def missing(cls) -> str | None:
        """None, or a sentence: no JAX, or what it says when it is asked for the platform."""
        return super().missing() or probed(cls.platform)

    def _load(self) -> None:
        super()._load()
        ran = {device for row in self._rows for device in row.devices()}
        if ran != {self._device}:
            raise RuntimeError(f"{self.platform} was asked for, but the state is on {', '.join(map(str, ran))}")

    def _name(self) -> str:
        return f"{self._device.device_kind} ({self.platform})"


def add(platforms: Sequence[str]) -> None:
    """Make a backend of each platform; raises ValueError for a name that is none, or known."""
    for platform in platforms:
        known = {backend.device for backend in BACKENDS.values()} | {backend.mark for backend in BACKENDS.values()}
        if word(platform) in known:
            raise ValueError(f"is {platform!r}, which is a device already: expected one that no backend is for")
        kind = type("PlatformProgram", (PlatformProgram,), {"platform": platform, "__doc__": PlatformProgram.__doc__})
        backend = Backend("jax", platform, "f32", kind, Device(platform, f"device of JAX's platform {platform}"))
        BACKENDS[backend.id] = backend
