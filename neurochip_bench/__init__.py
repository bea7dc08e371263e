"""How networks of neurons are run, judged, kept and shown.

Public are the names below, each loaded on first use; everything else may change. Importing this package needs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurochip_bench.lazy import lazily

if TYPE_CHECKING:
    from neurochip_bench.accuracy.verdict import judge
    from neurochip_bench.accuracy.yardsticks import yardsticks
    from neurochip_bench.backends.registry import BACKENDS
    from neurochip_bench.run import Run
    from neurochip_bench.settings import Settings

__version__ = "0.1.0"
__all__ = ["BACKENDS", "Run", "Settings", "judge", "yardsticks"]

__getattr__, __dir__ = lazily(
    __name__,
    {
        "BACKENDS": "neurochip_bench.backends.registry",
        "Run": "neurochip_bench.run",
        "Settings": "neurochip_bench.settings",
        "judge": "neurochip_bench.accuracy.verdict",
        "yardsticks": "neurochip_bench.accuracy.yardsticks",
    },
)
