"""Izhikevich cells, regular spiking: a potential that is reset, a recovery, and a synaptic current where connected.

Izhikevich (2003), IEEE Trans Neural Netw 14:1569.
"""

from __future__ import annotations

from typing import List, Sequence, Tuple

import numpy as np

from model.arrays import Array, Floats
from model.kernels.kernel import Add, Kernel, NeighbourSum, Parameter, Parameters, Rows, plainly
from model.operations import Elementwise, Operations

IZHIKEVICH = "Izhikevich 2003"

PARAMETERS = {
    "a": Parameter(0.02, "1/ms", IZHIKEVICH),
    "b": Parameter(0.2, "1/ms", IZHIKEVICH),
    "c": Parameter(-65.0, "mV", IZHIKEVICH),
    "d": Parameter(8.0, "mV/ms", IZHIKEVICH),
    "drive": Parameter(10.0, "mV/ms", IZHIKEVICH),
    "peak": Parameter(30.0, "mV", IZHIKEVICH),
    "tau_syn": Parameter(5.0, "ms", "of the order of AMPA's"),
}


def start(ops: Elementwise, n: int, rng: np.random.Generator) -> Rows:
    """Initial rows: V from N(-65, 3) mV, u at its rest there."""
    V = -65.0 + 3.0 * rng.standard_normal(n)
    return V, 0.2 * V


def step(
    ops: Operations,
    state: Sequence[Array],
    parameters: Parameters,
    couple: NeighbourSum,
    stimulus: Array,
    dt: float,
    rates: str = "safe",
    add: Add = plainly,
) -> List[Array]:
    """State rows after one forward-Euler step of `dt` ms; a cell at its peak is reset instead."""
    V, u, *I_syn = state
    p = parameters
    spiked, _ = spikes(ops, p, V, V, None)
    flow = (0.04 * V + 5.0) * V + 140.0 - u + p["drive"] + stimulus + sum(I_syn)
    kicked = spiked * p["d"]
    V_next = ops.where(V >= p["peak"], p["c"], add("V", V, dt * flow))
    u_next = add("u", u, dt * (p["a"] * (p["b"] * V - u)) + kicked)
    return [V_next, u_next, *(I * ops.exp(-dt / p["tau_syn"]) + couple(spiked) for I in I_syn)]


def synapse(ops: Operations, spiked_source: Array, spiked_target: Array) -> Array:
    """Synaptic input per unit of weight: one where the source spiked in this step."""
    return spiked_source


def spikes(ops: Operations, parameters: Parameters, before: Array, after: Array, armed: Array) -> Tuple[Array, Array]:
    """(spiked, armed): V is at its peak or above it at the start of the step; needs no memory."""
    return ops.where(before >= parameters["peak"], 1.0, 0.0), armed


def varied(n: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Cells differ in their drive, so that they do not spike together."""
    return {"drive": rng.uniform(6.0, 14.0, n)}


KERNELS = (
    Kernel(
        name="izhikevich",
        states=("V", "u"),
        parameters=PARAMETERS,
        weight=Parameter(0.5, "mV/ms", "weak"),
        start=start,
        step=step,
        edge=synapse,
        spikes=spikes,
        spikes_at=0,
        synaptic=True,
        gates=(),
        ranges={"V": (-80.0, 40.0), "u": (-20.0, 10.0), "I_syn": (0.0, 5.0)},
        varied=varied,
        special=(29.99, 30.01),
    ),
)
