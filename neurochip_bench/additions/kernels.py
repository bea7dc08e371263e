"""Kernels of other packages, which are added to those of `model`.

`model` knows of no packages. So whoever starts (the suite, a subcommand, a worker) has them looked for; to read the
registry of backends does it too.
"""

from __future__ import annotations

from model.kernels import KERNELS, Kernel
from neurochip_bench.additions.loader import Loader
from neurochip_bench.additions.sources import word

GROUP = "neurochip_bench.kernels"  # of entry points


def add(thing: object) -> str:
    """The name of a kernel of another package, which is known from now on; raises ValueError for what is none."""
    if not isinstance(thing, Kernel):
        raise ValueError(f"is {type(thing).__name__}: expected a model.kernels.Kernel")
    return KERNELS.register(word(thing.name), thing)


OTHERS = Loader("kernel", GROUP, "KERNELS", add)
