"""The neuron models, by name."""

from __future__ import annotations

from model.checks import Registry
from model.kernels import hh, io, lif
from model.kernels.kernel import DT, Kernel, Parameter
from model.kernels.rates import RATES

KERNELS: Registry[Kernel] = Registry("kernel", {module.KERNEL.name: module.KERNEL for module in (io, hh, lif)})

__all__ = ["DT", "KERNELS", "RATES", "Kernel", "Parameter"]
