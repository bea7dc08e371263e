"""How the small changes of a step are added to the state: plainly, or with compensation for what rounding loses."""

from __future__ import annotations

import numpy as np

from model.kernels.rates import CompensatedStep

ACCUMULATIONS = ("plain", "compensated")


def start_rows(kernel, state, accumulation):
    """Rows (R, N) at the start: the state, and below it, where it is compensated, what its additions have lost."""
    lost = len(kernel.states) if accumulation == "compensated" else 0
    return np.concatenate([state, np.zeros((lost, state.shape[1]))])


def advance(kernel, ops, rows, parameters, couple, stimulus, dt, rates, accumulation):
    """Rows after a step of `dt` ms."""
    if accumulation == "plain":
        return kernel.step(ops, rows, parameters, couple, stimulus, dt, rates)
    states = len(rows) - len(kernel.states)
    step = CompensatedStep(dt, rows[states:])
    return [*kernel.step(ops, rows[:states], parameters, couple, stimulus, step, rates), *step.left]
