"""Which backends and peers can run here, and whether what --require names can."""

from __future__ import annotations

from functools import lru_cache

import pytest

from model.kernels import KERNELS
from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.registry import devices
from neurochip_bench.keep.words import EXPERIMENTS, PEER, STEADY
from neurochip_bench.peers import PEERS
from neurochip_bench.suite import energy


@lru_cache(maxsize=None)
def missing(name: str) -> str | None:
    """None, or why a backend or a peer cannot run here, asked once a session."""
    why: str | None = (PEERS if name in PEERS else BACKENDS)[name].missing()
    return why


def absent(name: str) -> str | None:
    """None if a backend or any backend of a device can run here, else a sentence that says why not."""
    chosen = [b for b in (*BACKENDS.values(), *PEERS.values()) if name in (b.id, b.mark)]
    if name == "energy":
        return energy.absent()
    others = (*KERNELS, "connected", "unconnected", "slow", "experiment", *EXPERIMENTS, STEADY)
    if name in others:
        return None  # these are everywhere; whether times are steady is known at the end
    if not chosen and name not in devices():
        known = ", ".join((*devices(), PEER, *others, *BACKENDS, *PEERS))
        raise pytest.UsageError(f"--require {name}: expected a marker or a backend, one of {known}")
    if not chosen:
        return f"{name} was required, but no backend of this suite runs on it"
    reasons = {b.id: missing(b.id) for b in chosen}
    if None in reasons.values():
        return None
    return f"{name} was required, but " + "; ".join(f"{key}: {reason}" for key, reason in reasons.items())
