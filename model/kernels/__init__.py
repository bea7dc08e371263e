"""The neuron models, by name."""

from __future__ import annotations

from model import plugins
from model.kernels import hh, io, lif
from model.kernels.kernel import DT, Kernel, Parameter
from model.kernels.rates import RATES

GROUP = "neurochip_bench.kernels"  # of entry points


def name_of(thing: object) -> str:
    """The name of a kernel of another package; raises ValueError for what is none."""
    if not isinstance(thing, Kernel):
        raise ValueError(f"is {type(thing).__name__}: expected a model.kernels.Kernel")
    return plugins.word(thing.name)


KERNELS: plugins.Registry[Kernel] = plugins.Registry(
    "kernel", {module.KERNEL.name: module.KERNEL for module in (io, hh, lif)}, GROUP, "KERNELS", name_of
)

__all__ = ["DT", "KERNELS", "RATES", "Kernel", "Parameter"]
