"""How the small changes of a step are added to the state: plainly, or with compensation for what rounding loses."""

from __future__ import annotations

from typing import Iterable, List, Sequence, Tuple

import numpy as np

from model.arrays import Array, Floats
from model.kernels.kernel import Kernel, NeighbourSum, Parameters
from model.operations import Operations

ACCUMULATIONS = ("plain", "compensated")


class Compensated:
    """Adds changes to states, each with what earlier additions to it lost to rounding (Kahan 1965, Commun. ACM 8:40).

    lost   name of a state to what was lost of it: before a step, and after the addition to that state after it
    """

    def __init__(self, lost: Iterable[Tuple[str, Array]]) -> None:
        self.lost = dict(lost)

    def __call__(self, name: str, value: Array, change: Array) -> Array:
        """The state `name` after a change."""
        increment = change - self.lost[name]
        total = value + increment
        self.lost[name] = (total - value) - increment
        return total


def start_rows(kernel: Kernel, state: Floats, accumulation: str) -> Floats:
    """Rows (R, N) at the start: the state, and below it, where it is compensated, what its additions have lost."""
    lost = len(kernel.states) if accumulation == "compensated" else 0
    return np.concatenate([state, np.zeros((lost, state.shape[1]))])


def advance(
    kernel: Kernel,
    ops: Operations,
    rows: Sequence[Array],
    parameters: Parameters,
    couple: NeighbourSum,
    stimulus: Array,
    dt: float,
    rates: str,
    accumulation: str,
) -> List[Array]:
    """Rows after a step of `dt` ms, in the order of `start_rows`."""
    if accumulation == "plain":
        return kernel.step(ops, rows, parameters, couple, stimulus, dt, rates)
    states = len(rows) - len(kernel.states)
    add = Compensated(zip(kernel.states, rows[states:]))
    after = kernel.step(ops, rows[:states], parameters, couple, stimulus, dt, rates, add)
    return [*after, *(add.lost[name] for name in kernel.states)]
