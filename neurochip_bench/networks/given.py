"""What a file gives: a network, and how it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from model.arrays import Singles
from model.checks import finite_array, whole_number
from model.network.network import Network

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class Given(NamedTuple):
    """A network, and what a file says of how it is run.

    stimulus      (milliseconds, N), in the unit of the kernel's drive, held during each millisecond; None: not said
    milliseconds  length of a run; None: not said
    """

    network: Network
    stimulus: Singles | None = None
    milliseconds: int | None = None


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
