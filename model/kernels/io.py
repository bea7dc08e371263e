"""Inferior-olive neuron: soma, axon hillock and dendrite, 14 states, joined by gap junctions.

De Gruijl, Bazzigaluppi, de Jeu, De Zeeuw (2012), PLoS Comput Biol 8:e1002814, with the constants of
Landsmeer, Engelen, Miedema, Strydis (2024), Neurocomputing 598:127953. Membrane potentials in mV, times in ms,
conductances in mS/cm2, currents in uA/cm2.
"""

from __future__ import annotations

from typing import List, Mapping, Sequence, Tuple

import numpy as np

from model.arrays import Array, Floats
from model.kernels.kernel import Add, Kernel, NeighbourSum, Parameter, Parameters, Rows, plainly
from model.kernels.rates import RATES, Linoid, boltzmann, relax
from model.operations import Elementwise, Operations

DE_GRUIJL = "De Gruijl et al. 2012"
LANDSMEER = "Landsmeer et al. 2024"
SUITE = "this suite's definition of a spike"

PARAMETERS = {
    "g_int": Parameter(0.13, "mS/cm2", DE_GRUIJL),  # between compartments
    "p1": Parameter(0.25, "1", DE_GRUIJL),  # surface of the soma over that of the dendrite
    "p2": Parameter(0.15, "1", DE_GRUIJL),  # surface of the axon over that of the soma
    "g_CaL": Parameter(1.1, "mS/cm2", LANDSMEER),  # soma, low-threshold calcium
    "g_h": Parameter(0.12, "mS/cm2", DE_GRUIJL),  # dendrite, H current
    "g_KCa": Parameter(35.0, "mS/cm2", DE_GRUIJL),  # dendrite, calcium-dependent potassium
    "g_ld": Parameter(0.01532, "mS/cm2", LANDSMEER),  # dendrite, leak
    "g_la": Parameter(0.016, "mS/cm2", DE_GRUIJL),  # axon, leak
    "g_ls": Parameter(0.016, "mS/cm2", DE_GRUIJL),  # soma, leak
    "g_Na_s": Parameter(150.0, "mS/cm2", DE_GRUIJL),  # soma, sodium
    "g_Kdr": Parameter(9.0, "mS/cm2", LANDSMEER),  # soma, slow potassium (delayed rectifier)
    "g_K_s": Parameter(5.0, "mS/cm2", DE_GRUIJL),  # soma, fast potassium
    "g_CaH": Parameter(4.5, "mS/cm2", DE_GRUIJL),  # dendrite, high-threshold calcium
    "g_Na_a": Parameter(240.0, "mS/cm2", DE_GRUIJL),  # axon, sodium
    "g_K_a": Parameter(240.0, "mS/cm2", LANDSMEER),  # axon, potassium
    "S": Parameter(1.0, "cm2/uF", DE_GRUIJL),  # 1 / membrane capacitance
    "V_Na": Parameter(55.0, "mV", DE_GRUIJL),
    "V_K": Parameter(-75.0, "mV", DE_GRUIJL),
    "V_Ca": Parameter(120.0, "mV", DE_GRUIJL),
    "V_h": Parameter(-43.0, "mV", DE_GRUIJL),
    "V_l": Parameter(10.0, "mV", DE_GRUIJL),
    "I_app": Parameter(0.0, "uA/cm2", LANDSMEER),  # applied to the dendrite, depolarising if positive
    "threshold": Parameter(-30.0, "mV", SUITE),  # a spike is where V_s reaches this
    "rearmed": Parameter(-40.0, "mV", SUITE),  # after having been below this since the last one
}

STATES = ("V_s", "k", "l", "h", "n", "x", "V_a", "h_a", "x_a", "V_d", "Ca", "r", "s", "q")
GATES = tuple(name for name in STATES if name not in ("V_s", "V_a", "V_d", "Ca"))


def start(ops: Elementwise, n: int, rng: np.random.Generator) -> Rows:
    """Initial rows: the published gating variables, membrane potentials drawn from N(-60, 3) mV."""
    V_s, V_a, V_d = (-60.0 + 3.0 * rng.standard_normal(n) for _ in range(3))
    soma_gates = (0.7423159, 0.0321349, 0.3596066, 0.2369847, 0.1)
    return (V_s, *soma_gates, V_a, 0.9, 0.2369847, V_d, 3.715, 0.0113, 0.0049291, 0.0337836)


def varied(n: int, rng: np.random.Generator) -> Mapping[str, Floats]:
    """Parameters that standard networks draw per cell: equal cells synchronise within 100 ms and hide errors."""
    return {"g_CaL": 0.5 + 0.9 * rng.random(n)}


def sodium_activation(ops: Elementwise, V: Array) -> Array:
    """Instantaneous m-infinity of soma and axon."""
    return boltzmann(ops, V, -30.0, 5.5)


def fast_potassium(ops: Elementwise, linoid: Linoid, V: Array, x: Array) -> Array:
    """Rate of change of the fast potassium gate of soma and axon."""
    alpha = linoid(ops, 0.13, V + 25.0, 10.0)
    beta = 1.69 * ops.exp((-35.0 - V) / 80.0)
    return alpha * (1.0 - x) - beta * x


def soma(ops: Elementwise, linoid: Linoid, p: Parameters, state: Sequence[Array], V_a: Array, V_d: Array) -> Rows:
    """Rates of change of V_s, k, l, h, n, x."""
    V, k, l, h, n, x = state
    m = sodium_activation(ops, V)
    tau_l = 35.0 + 20.0 * ops.exp((V + 160.0) / 30.0) / (1.0 + ops.exp((V + 84.0) / 7.3))
    tau_h = 3.0 * ops.exp((-40.0 - V) / 33.0)
    tau_n = 5.0 + 47.0 * ops.exp((V + 50.0) / 900.0)
    I_leak = p["g_ls"] * (V - p["V_l"])
    I_ds = p["g_int"] / p["p1"] * (V - V_d)
    I_as = p["g_int"] / (1.0 - p["p2"]) * (V - V_a)
    I_CaL = p["g_CaL"] * k * k * k * l * (V - p["V_Ca"])
    I_Na = p["g_Na_s"] * m * m * m * h * (V - p["V_Na"])
    I_Kdr = p["g_Kdr"] * n * n * n * n * (V - p["V_K"])
    I_K = p["g_K_s"] * x * x * x * x * (V - p["V_K"])
    return (
        -p["S"] * (I_leak + I_ds + I_as + I_CaL + I_Na + I_Kdr + I_K),
        boltzmann(ops, V, -61.0, 4.2) - k,  # tau_k is 1 ms
        relax(l, boltzmann(ops, V, -85.0, -8.5), tau_l),
        relax(h, boltzmann(ops, V, -70.0, -5.8), tau_h),
        relax(n, boltzmann(ops, V, -3.0, 10.0), tau_n),
        fast_potassium(ops, linoid, V, x),
    )


def axon(ops: Elementwise, linoid: Linoid, p: Parameters, state: Sequence[Array], V_s: Array) -> Rows:
    """Rates of change of V_a, h_a, x_a."""
    V, h, x = state
    m = sodium_activation(ops, V)
    tau_h = 1.5 * ops.exp((-40.0 - V) / 33.0)
    I_leak = p["g_la"] * (V - p["V_l"])
    I_sa = p["g_int"] / p["p2"] * (V - V_s)
    I_Na = p["g_Na_a"] * m * m * m * h * (V - p["V_Na"])
    I_K = p["g_K_a"] * x * x * x * x * (V - p["V_K"])
    return (
        -p["S"] * (I_leak + I_sa + I_Na + I_K),
        relax(h, boltzmann(ops, V, -60.0, -5.8), tau_h),
        fast_potassium(ops, linoid, V, x),
    )


def dendrite(ops: Elementwise, linoid: Linoid, p: Parameters, state: Sequence[Array], V_s: Array, I_in: Array) -> Rows:
    """Rates of change of V_d, Ca, r, s, q; `I_in` is the applied and the gap current, depolarising if positive."""
    V, Ca, r, s, q = state
    alpha_r = 1.7 * boltzmann(ops, V, 5.0, 13.9)
    beta_r = linoid(ops, -0.02, V + 8.5, -5.0)
    alpha_s = ops.minimum(2e-5 * Ca, 0.01)
    rate_q = ops.exp(-0.086 * V - 14.6) + ops.exp(0.070 * V - 1.87)
    I_leak = p["g_ld"] * (V - p["V_l"])
    I_sd = p["g_int"] / (1.0 - p["p1"]) * (V - V_s)
    I_CaH = p["g_CaH"] * r * r * (V - p["V_Ca"])
    I_KCa = p["g_KCa"] * s * (V - p["V_K"])
    I_h = p["g_h"] * q * (V - p["V_h"])
    return (
        -p["S"] * (I_leak + I_sd + I_CaH + I_KCa + I_h - I_in),
        -3.0 * I_CaH - 0.075 * Ca,
        (alpha_r * (1.0 - r) - beta_r * r) / 5.0,
        alpha_s * (1.0 - s) - 0.015 * s,
        (boltzmann(ops, V, -80.0, -4.0) - q) * rate_q,
    )


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
    """State rows after one forward-Euler step of `dt` ms; `stimulus` (uA/cm2) adds to I_app."""
    of_soma, of_axon, of_dendrite = state[:6], state[6:9], state[9:]
    V_s, V_a, V_d = of_soma[0], of_axon[0], of_dendrite[0]
    p, linoid = parameters, RATES[rates]
    I_in = p["I_app"] + stimulus + couple(V_d)
    changes = (
        *soma(ops, linoid, p, of_soma, V_a, V_d),
        *axon(ops, linoid, p, of_axon, V_s),
        *dendrite(ops, linoid, p, of_dendrite, V_s, I_in),
    )
    return [add(name, row, dt * change) for name, row, change in zip(STATES, state, changes)]


def gap_junction(ops: Operations, V_source: Array, V_target: Array) -> Array:
    """Connexin-36 gap current per unit of conductance, depolarising the target if positive (Landsmeer, eq. 4)."""
    delta = V_source - V_target
    return delta * (0.2 + 0.8 * ops.exp(-delta * delta / 100.0))


def spikes(ops: Operations, parameters: Parameters, before: Array, after: Array, armed: Array) -> Tuple[Array, Array]:
    """(spiked, armed): V_s reaches the threshold after having been below `rearmed` since the last spike."""
    armed = ops.where(before < parameters["rearmed"], 1.0, armed)
    spiked = ops.where(after >= parameters["threshold"], armed, 0.0)
    return spiked, armed - spiked


KERNEL = Kernel(
    name="io",
    states=STATES,
    parameters=PARAMETERS,
    weight=Parameter(0.05, "mS/cm2", LANDSMEER),
    start=start,
    step=step,
    edge=gap_junction,
    spikes=spikes,
    spikes_at=1,
    synaptic=False,
    gates=GATES,
    ranges={
        **dict.fromkeys(STATES, (-80.0, 40.0)),
        **dict.fromkeys(GATES, (0.0, 1.0)),
        "Ca": (0.0, 800.0),  # its effect saturates above 500
    },
    varied=varied,
    oscillates=True,
    special=(-25.0, -24.999, -25.001, -8.5, -8.4999, -8.501, -40.1, -39.9, -30.1, -29.9),
)
