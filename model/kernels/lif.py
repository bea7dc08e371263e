"""Leaky integrate-and-fire neuron: 1 state, and a synaptic current where cells are connected.

Landsmeer, Engelen, Miedema, Strydis (2024), Neurocomputing 598:127953. A map per 0.025 ms, not a differential
equation: its drive is per step, so that another step would be another model.
"""

from __future__ import annotations

from typing import List, Sequence, Tuple

import numpy as np

from model.arrays import Array
from model.kernels.kernel import DT, Add, Kernel, NeighbourSum, Parameter, Parameters, Rows, plainly
from model.operations import Elementwise, Operations

LANDSMEER = "Landsmeer et al. 2024"

PARAMETERS = {
    "tau_mem": Parameter(4.0, "ms", LANDSMEER),
    "tau_syn": Parameter(10.0, "ms", LANDSMEER),
    "threshold": Parameter(50.0, "mV", LANDSMEER),
    "reset": Parameter(0.0, "mV", LANDSMEER),
    "drive": Parameter(3.0, "mV per step", LANDSMEER),
}

STATES = ("V",)


def start(ops: Elementwise, n: int, rng: np.random.Generator) -> Rows:
    """Initial row: membrane potentials from N(0, 3) mV."""
    return (3.0 * rng.standard_normal(n),)


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
    """State rows after one step of 0.025 ms; `stimulus` (mV per step) adds to the drive.

    There are neither rates nor small changes that are added up: `rates` and `add` have no effect.
    """
    V, *I_syn = state
    p = parameters
    spiked, _ = spikes(ops, p, V, None, None)
    driven = V * ops.exp(-dt / p["tau_mem"]) + (p["drive"] + stimulus + sum(I_syn))
    V_next = ops.where(V >= p["threshold"], p["reset"], driven)
    return [V_next, *(I * ops.exp(-dt / p["tau_syn"]) + couple(spiked) for I in I_syn)]


def synapse(ops: Operations, spiked_source: Array, spiked_target: Array) -> Array:
    """Synaptic input per unit of weight: one where the source spiked in this step."""
    return spiked_source


def spikes(ops: Operations, parameters: Parameters, before: Array, after: Array, armed: Array) -> Tuple[Array, Array]:
    """(spiked, armed): V is at the threshold or above it at the start of the step; needs no memory."""
    return ops.where(before >= parameters["threshold"], 1.0, 0.0), armed


KERNEL = Kernel(
    name="lif",
    states=STATES,
    parameters=PARAMETERS,
    weight=Parameter(0.05, "mV per step", LANDSMEER),
    start=start,
    step=step,
    edge=synapse,
    spikes=spikes,
    spikes_at=0,
    synaptic=True,
    gates=(),
    ranges={"V": (-80.0, 40.0), "I_syn": (0.0, 2.0)},
    special=(49.9, 50.1),
    map_dt=DT,
)
