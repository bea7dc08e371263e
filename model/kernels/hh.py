"""Hodgkin-Huxley point neuron: 4 states, and a synaptic current where cells are connected.

Hodgkin and Huxley (1952), J Physiol 117:500, with potentials shifted to a rest at -65 mV; constants of
Landsmeer, Engelen, Miedema, Strydis (2024), Neurocomputing 598:127953. Units as in the inferior-olive kernel.
"""

from __future__ import annotations

from typing import List, Sequence, Tuple

import numpy as np

from model.arrays import Array, Floats
from model.kernels.kernel import Add, Kernel, NeighbourSum, Parameter, Parameters, Rows, plainly
from model.kernels.rates import RATES, Linoid, boltzmann
from model.operations import Elementwise, Operations

HODGKIN_HUXLEY = "Hodgkin and Huxley 1952"
LANDSMEER = "Landsmeer et al. 2024"

PARAMETERS = {
    "g_Na": Parameter(120.0, "mS/cm2", HODGKIN_HUXLEY),
    "g_K": Parameter(36.0, "mS/cm2", HODGKIN_HUXLEY),
    "g_L": Parameter(0.3, "mS/cm2", HODGKIN_HUXLEY),
    "E_Na": Parameter(55.0, "mV", LANDSMEER),
    "E_K": Parameter(-77.0, "mV", HODGKIN_HUXLEY),
    "E_L": Parameter(-65.0, "mV", LANDSMEER),
    "C_m": Parameter(1.0, "uF/cm2", HODGKIN_HUXLEY),
    "tau_syn": Parameter(1.0, "ms", LANDSMEER),
    "threshold": Parameter(-10.0, "mV", LANDSMEER),
    "I_in": Parameter(0.0, "uA/cm2", LANDSMEER),  # depolarising if positive
}

STATES = ("V", "m", "h", "n")


def gate_rates(ops: Elementwise, linoid: Linoid, V: Array) -> Tuple[Tuple[Array, Array], ...]:
    """(alpha, beta) in 1/ms of m, h and n."""
    return (
        (linoid(ops, 0.1, V + 40.0, 10.0), 4.0 * ops.exp((-65.0 - V) / 18.0)),
        (0.07 * ops.exp((-65.0 - V) / 20.0), boltzmann(ops, V, -35.0, 10.0)),
        (linoid(ops, 0.01, V + 55.0, 10.0), 0.125 * ops.exp((-65.0 - V) / 80.0)),
    )


def start(ops: Elementwise, n: int, rng: np.random.Generator) -> Rows:
    """Initial rows: membrane potentials from N(-60, 3) mV, gating variables at their steady state."""
    V = -60.0 + 3.0 * rng.standard_normal(n)
    return (V, *(alpha / (alpha + beta) for alpha, beta in gate_rates(ops, RATES["safe"], V)))


def drive(milliseconds: int, n: int, rng: np.random.Generator) -> Floats:
    """A new current 10 U(0,1)^5 uA/cm2 per cell and millisecond, as published; without it no cell ever fires."""
    return 10.0 * rng.random((milliseconds, n), dtype="float32").astype("float64") ** 5


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
    """State rows after one forward-Euler step of `dt` ms; `stimulus` (uA/cm2) adds to I_in.

    The synaptic current, where there is one, decays exactly and takes up the spikes of this step.
    """
    V, m, h, n, *I_syn = state
    p = parameters
    I_Na = p["g_Na"] * m * m * m * h * (V - p["E_Na"])
    I_K = p["g_K"] * n * n * n * n * (V - p["E_K"])
    I_L = p["g_L"] * (V - p["E_L"])
    V_next = add("V", V, dt * ((p["I_in"] + stimulus + sum(I_syn) - I_Na - I_K - I_L) / p["C_m"]))
    gates = [
        add(name, gate, dt * (alpha * (1.0 - gate) - beta * gate))
        for name, gate, (alpha, beta) in zip("mhn", (m, h, n), gate_rates(ops, RATES[rates], V))
    ]
    spiked, _ = spikes(ops, p, V, V_next, None)
    return [V_next, *gates, *(I * ops.exp(-dt / p["tau_syn"]) + couple(spiked) for I in I_syn)]


def synapse(ops: Operations, spiked_source: Array, spiked_target: Array) -> Array:
    """Synaptic input per unit of weight: one where the source spiked in this step."""
    return spiked_source


def spikes(ops: Operations, parameters: Parameters, before: Array, after: Array, armed: Array) -> Tuple[Array, Array]:
    """(spiked, armed): V is below the threshold before the step and not after it; needs no memory."""
    threshold = parameters["threshold"]
    return ops.where(before < threshold, ops.where(after >= threshold, 1.0, 0.0), 0.0), armed


KERNEL = Kernel(
    name="hh",
    states=STATES,
    parameters=PARAMETERS,
    weight=Parameter(0.05, "uA/cm2", LANDSMEER),
    start=start,
    step=step,
    edge=synapse,
    spikes=spikes,
    spikes_at=1,
    synaptic=True,
    gates=STATES[1:],
    ranges={"V": (-80.0, 40.0), **dict.fromkeys(STATES[1:], (0.0, 1.0)), "I_syn": (0.0, 2.0)},
    drive=drive,
    special=(-40.0, -39.999, -40.001, -55.0, -54.9999, -55.001, -10.1, -9.9),
)
