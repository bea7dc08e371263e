"""The three models in Brian2's language, written from the papers: De Gruijl et al. 2012, Hodgkin and Huxley 1952.

Potentials are numbers in mV, conductances in mS/cm2, currents in uA/cm2, as in the papers; time alone has a unit.
`applied` is the stimulus. A rate that is 0/0 somewhere is written by Brian2's own exprel(x) = (e^x - 1) / x.
"""

from __future__ import annotations

from typing import NamedTuple

HH = """
dV/dt = (I_in + applied + I_syn - I_Na - g_K * n**4 * (V - E_K) - g_L * (V - E_L)) / C_m / ms : 1
dm/dt = (1 / exprel(-(V + 40) / 10) * (1 - m) - 4 * exp(-(V + 65) / 18) * m) / ms : 1
dh/dt = (0.07 * exp(-(V + 65) / 20) * (1 - h) - 1 / (1 + exp(-(V + 35) / 10)) * h) / ms : 1
dn/dt = (0.1 / exprel(-(V + 55) / 10) * (1 - n) - 0.125 * exp(-(V + 65) / 80) * n) / ms : 1
I_Na = g_Na * m**3 * h * (V - E_Na) : 1
before : 1
"""

IO = """
dV_s/dt = -S * (I_s + g_int / p1 * (V_s - V_d) + g_int / (1 - p2) * (V_s - V_a)) / ms : 1
dk/dt = (1 / (1 + exp(-(V_s + 61) / 4.2)) - k) / ms : 1
dl/dt = (1 / (1 + exp((V_s + 85) / 8.5)) - l) / tau_l / ms : 1
dh/dt = (1 / (1 + exp((V_s + 70) / 5.8)) - h) / (3 * exp(-(V_s + 40) / 33)) / ms : 1
dn/dt = (1 / (1 + exp(-(V_s + 3) / 10)) - n) / (5 + 47 * exp((V_s + 50) / 900)) / ms : 1
dx/dt = (1.3 / exprel(-(V_s + 25) / 10) * (1 - x) - 1.69 * exp(-(V_s + 35) / 80) * x) / ms : 1
dV_a/dt = -S * (I_a + g_int / p2 * (V_a - V_s)) / ms : 1
dh_a/dt = (1 / (1 + exp((V_a + 60) / 5.8)) - h_a) / (1.5 * exp(-(V_a + 40) / 33)) / ms : 1
dx_a/dt = (1.3 / exprel(-(V_a + 25) / 10) * (1 - x_a) - 1.69 * exp(-(V_a + 35) / 80) * x_a) / ms : 1
dV_d/dt = -S * (I_d + I_CaH + g_int / (1 - p1) * (V_d - V_s) - I_app - applied - I_gap) / ms : 1
dCa/dt = (-3 * I_CaH - 0.075 * Ca) / ms : 1
dr/dt = (1.7 / (1 + exp(-(V_d - 5) / 13.9)) * (1 - r) - 0.1 / exprel((V_d + 8.5) / 5) * r) / 5 / ms : 1
ds/dt = (clip(2e-5 * Ca, -inf, 0.01) * (1 - s) - 0.015 * s) / ms : 1
dq/dt = (1 / (1 + exp((V_d + 80) / 4)) - q) * (exp(-0.086 * V_d - 14.6) + exp(0.070 * V_d - 1.87)) / ms : 1
I_s = g_ls * (V_s - V_l) + g_CaL * k**3 * l * (V_s - V_Ca) + g_Na_s * m_s**3 * h * (V_s - V_Na) + I_K : 1
I_K = (g_Kdr * n**4 + g_K_s * x**4) * (V_s - V_K) : 1
I_a = g_la * (V_a - V_l) + g_Na_a * m_a**3 * h_a * (V_a - V_Na) + g_K_a * x_a**4 * (V_a - V_K) : 1
I_d = g_ld * (V_d - V_l) + g_KCa * s * (V_d - V_K) + g_h * q * (V_d - V_h) : 1
I_CaH = g_CaH * r**2 * (V_d - V_Ca) : 1
m_s = 1 / (1 + exp(-(V_s + 30) / 5.5)) : 1
m_a = 1 / (1 + exp(-(V_a + 30) / 5.5)) : 1
tau_l = 35 + 20 * exp((V_s + 160) / 30) / (1 + exp((V_s + 84) / 7.3)) : 1
armed : 1
"""

LIF = "V : 1"

GAP = "I_gap_post = w * (V_d_pre - V_d_post) * (0.2 + 0.8 * exp(-(V_d_pre - V_d_post)**2 / 100)) : 1 (summed)"


class Model(NamedTuple):
    """A model as Brian2 has it.

    equations  without the parameters, and without the input from other cells
    threshold, reset   of a spike; more is carried from step to step in `besides`
    input      the name of what other cells bring, and how: synapses (an equation of theirs, or a statement on a spike)
    regularly  statements of each step: (code, slot, order)
    schedule   of the slots of a step, where it is not Brian2's own
    """

    equations: str
    threshold: str
    reset: str
    besides: str | None
    input: str
    gap: str | None
    regularly: tuple[tuple[str, str, int], ...] = ()
    schedule: tuple[str, ...] | None = None


DECAY = "I_syn *= exp(-dt / (tau_syn * ms))"
# A spike of lif is seen at the start of a step, and what is then a map per step is no equation that could be solved.
LIF_ORDER = ("start", "thresholds", "groups", "synapses", "resets", "end")
MODELS = {
    "io": Model(
        IO, "V_s >= threshold and armed > 0", "armed = 0", "armed", "I_gap", GAP,
        (("armed = int(V_s < rearmed or armed > 0)", "start", 0),),
    ),
    "hh": Model(
        HH, "V >= threshold and before < threshold", "", None, "I_syn", None,
        (("before = V", "start", 0), (DECAY, "groups", 1)),
    ),
    "lif": Model(
        LIF, "V >= threshold", "V = reset", None, "I_syn", None,
        (("V = V * exp(-dt / (tau_mem * ms)) + (drive + applied + I_syn)", "groups", 0), (DECAY, "groups", 1)),
        LIF_ORDER,
    ),
}  # fmt: skip
