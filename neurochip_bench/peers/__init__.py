"""The field's own simulators, as rivals and as judges, by id: `PEERS`. Importing this package imports none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurochip_bench.lazy import lazily

if TYPE_CHECKING:
    from neurochip_bench.peers.registry import PEERS

__all__ = ["PEERS"]

__getattr__, __dir__ = lazily(__name__, {"PEERS": "neurochip_bench.peers.registry"})
