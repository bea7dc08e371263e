"""The backends, by id: `BACKENDS`. Importing this package imports none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurochip_bench.lazy import lazily

if TYPE_CHECKING:
    from neurochip_bench.backends.program import Backend, Program
    from neurochip_bench.backends.registry import BACKENDS, ORACLE

__all__ = ["BACKENDS", "ORACLE", "Backend", "Program"]

__getattr__ = lazily(
    __name__,
    {
        **dict.fromkeys(("BACKENDS", "ORACLE"), "neurochip_bench.backends.registry"),
        **dict.fromkeys(("Backend", "Program"), "neurochip_bench.backends.program"),
    },
)
