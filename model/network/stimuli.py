"""What is applied to a network from outside, a value per cell held during each millisecond."""

from __future__ import annotations

import numpy as np

from model.arrays import Singles
from model.checks import whole_number
from model.kernels import KERNELS
from model.network.network import Network


def drive(network: Network, milliseconds: int, seed: int = 42) -> Singles | None:
    """The stimulus (milliseconds, N) that a network is timed and judged with, or None if its kernel needs none.

    Its numbers are exact in float32.
    """
    milliseconds, seed = whole_number("milliseconds", milliseconds, 1), whole_number("seed", seed, 0)
    draw = KERNELS[network.kernel].drive
    if draw is None:
        return None
    return draw(milliseconds, network.cells, np.random.default_rng(seed)).astype(np.float32)
