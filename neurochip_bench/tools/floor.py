"""The least time that a step can take on a chip, by its data sheet."""

from __future__ import annotations

from collections.abc import Iterator

from model.kernels import KERNELS
from neurochip_bench.suite.floor import work

HEAD = ("network", "bytes", "special functions", "others", "memory ns", "special ns", "RTF of 10⁶ cells, at least")


def lines(bandwidth: float, special: float) -> Iterator[str]:
    """The Markdown table for a chip of so many bytes/s and special functions/s."""
    yield f"| {' | '.join(HEAD)} |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for kernel in KERNELS:
        for connected in (False, True):
            moved, functions, others = work(kernel, connected)
            memory, units = 1e9 * moved / bandwidth, 1e9 * functions / special
            rtf = max(memory, units) * 1e-9 * 1e6 * 40_000
            name = f"{kernel} {'connected' if connected else 'unconnected'}"
            yield f"| {name} | {moved} | {functions:.0f} | {others:.0f} | {memory:.2g} | {units:.2g} | {rtf:.2g} |"
