"""A network as a file gives it: what is there, put together, with the rest by the kernel."""

from __future__ import annotations

from typing import Any

import numpy as np

from model.arrays import Floats, Integers
from model.checks import whole_number
from model.kernels import KERNELS
from model.network.network import Network

SEED = 42  # of the initial state, where a file has none
MOST = 2**31 - 1  # cells, which every library can count


class OtherKernelError(ValueError):
    """A file says another kernel than was asked for."""


def kernel_of(file: str, said: str | None, asked: str | None) -> str:
    """The kernel that a file says, or that was asked for where it says none; raises ValueError for none or two."""
    if said is None and asked is None:
        raise ValueError(f"{file}: says no kernel: expected one of {', '.join(KERNELS)}, in the file or by --kernel")
    if said is not None and asked is not None and said != asked:
        raise OtherKernelError(f"{file}: says kernel {said!r}: expected {asked!r}, which was asked for")
    name = said if asked is None else asked
    if name not in KERNELS:
        raise ValueError(f"{file}: unknown kernel {name!r}: expected one of {', '.join(KERNELS)}")
    return str(name)


def made(
    file: str,
    kernel: str,
    cells: int,
    edges: tuple[Integers, Integers],
    state: Floats | None,
    **rest: Any,  # weights, parameters, delays, topology and seed, as `Network` takes them
) -> Network:
    """The network; a state that is not given is the kernel's own. Raises ValueError, which names the file."""
    try:
        if state is None:
            state = KERNELS[kernel].initial(whole_number("cells", cells, 1, MOST), np.random.default_rng(SEED))
        return Network(kernel, state, *edges, **rest)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None
