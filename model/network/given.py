"""A network as a file gives it: what is there, put together, with the rest by the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from model.arrays import Floats, Integers, Singles
from model.checks import finite_array, whole_number
from model.kernels import KERNELS
from model.network.network import Network

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

SEED = 42  # of the initial state, where a file has none


class Given(NamedTuple):
    """A network, and what a file says of how it is run.

    stimulus      (milliseconds, N), in the unit of the kernel's drive, held during each millisecond; None: not said
    milliseconds  length of a run; None: not said
    """

    network: Network
    stimulus: Singles | None = None
    milliseconds: int | None = None


def kernel_of(file: str, said: str | None, asked: str | None) -> str:
    """The kernel that a file says, or that was asked for where it says none; raises ValueError for none or two."""
    if said is None and asked is None:
        raise ValueError(f"{file}: says no kernel: expected one of {', '.join(KERNELS)}, in the file or by --kernel")
    if said is not None and asked is not None and said != asked:
        raise ValueError(f"{file}: says kernel {said!r}: expected {asked!r}, which was asked for")
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
            state = KERNELS[kernel].initial(whole_number("cells", cells, 1), np.random.default_rng(SEED))
        return Network(kernel, state, *edges, **rest)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None


def applied(file: str, values: ArrayLike, cells: int) -> Singles:
    """A stimulus in float32, which every backend takes; raises ValueError, which names the file."""
    array = np.asarray(values)
    rows = len(array) if array.ndim == 2 else 1
    try:
        return finite_array("stimulus (milliseconds, cells)", array, [(max(rows, 1), cells)]).astype(np.float32)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None


def run_length(file: str, said: int | None, stimulus: Singles | None) -> int | None:
    """The milliseconds that a file says, those of its stimulus where it says none; raises ValueError."""
    if said is None:
        return None if stimulus is None else len(stimulus)
    try:
        milliseconds = whole_number("milliseconds", said, 1)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None
    if stimulus is not None and len(stimulus) < milliseconds:
        raise ValueError(f"{file}: its stimulus has {len(stimulus)} ms: expected {milliseconds}, the run's length")
    return milliseconds
