"""The backends, by id: `BACKENDS`. Importing this package imports none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurochip_bench.lazy import lazily

if TYPE_CHECKING:
    from neurochip_bench.backends.backend import Backend
    from neurochip_bench.backends.device import Device
    from neurochip_bench.backends.program import Program
    from neurochip_bench.backends.registry import BACKENDS, ORACLE

__all__ = ["BACKENDS", "ORACLE", "Backend", "Device", "Program"]

__getattr__, __dir__ = lazily(
    __name__,
    {
        **dict.fromkeys(("BACKENDS", "ORACLE"), "neurochip_bench.backends.registry"),
        "Backend": "neurochip_bench.backends.backend",
        "Device": "neurochip_bench.backends.device",
        "Program": "neurochip_bench.backends.program",
    },
)
