"""The least time that a step can take on a chip, by its data sheet."""

from __future__ import annotations

from model.kernels import KERNELS
from model.network import connectivity
from neurochip_bench.keep.markdown import table
from neurochip_bench.suite.floor import work

HEAD = ("network", "bytes", "special functions", "others", "memory ns", "special ns", "RTF of 10⁶ cells, at least")


def lines(bandwidth: float, special: float) -> list[str]:
    """The Markdown table for a chip of so many bytes/s and special functions/s."""
    networks = [(kernel, connected) for kernel in KERNELS for connected in (False, True)]
    return table(HEAD, [cells(*network, bandwidth, special) for network in networks], right=HEAD[1:])


def cells(kernel: str, connected: bool, bandwidth: float, special: float) -> tuple[object, ...]:
    """A network's cells under `HEAD`."""
    step = work(kernel, connected)
    memory, units = 1e9 * step.moved / bandwidth, 1e9 * step.special / special
    rtf = max(memory, units) * 1e-9 * 1e6 * 40_000
    counted = (step.moved, f"{step.special:.0f}", f"{step.others:.0f}")
    return (f"{kernel} {connectivity(connected)}", *counted, *(f"{number:.2g}" for number in (memory, units, rtf)))
