"""Hodgkin and Huxley 1952 as a channel of jaxley's, whose own has other constants. Imported where jaxley is."""

from __future__ import annotations

from typing import Mapping

import jax.numpy as jnp
from jaxley.channels import Channel
from jaxley.solver_gate import solve_gate_exponential

from model.arrays import Array

Named = Mapping[str, Array]
CONDUCTANCES, REVERSALS, GATES = ("g_Na", "g_K", "g_L"), ("E_Na", "E_K", "E_L"), ("m", "h", "n")


class HodgkinHuxley(Channel):
    """Conductances in mS/cm2, as in the paper; the current is in mA/cm2."""

    def __init__(self) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__("hh")
        self.channel_params = {f"hh_{name}": 0.0 for name in (*CONDUCTANCES, *REVERSALS)}
        self.channel_states = {f"hh_{name}": 0.0 for name in GATES}
        self.current_name = "i_hh"

    def update_states(self, states: Named, dt: Array, v: Array, params: Named) -> Named:
        """The gates after a step, each solved exactly at a potential that is held."""
        rates = {
            "m": (trap((v + 40) / 10), 4 * jnp.exp(-(v + 65) / 18)),
            "h": (0.07 * jnp.exp(-(v + 65) / 20), 1 / (1 + jnp.exp(-(v + 35) / 10))),
            "n": (0.1 * trap((v + 55) / 10), 0.125 * jnp.exp(-(v + 65) / 80)),
        }
        return {f"hh_{gate}": solve_gate_exponential(states[f"hh_{gate}"], dt, *rates[gate]) for gate in GATES}

    def compute_current(self, states: Named, v: Array, params: Named) -> Array:
        """Sodium, potassium and leak."""
        m, h, n = (states[f"hh_{gate}"] for gate in GATES)
        g_Na, g_K, g_L, E_Na, E_K, E_L = (params[f"hh_{name}"] for name in (*CONDUCTANCES, *REVERSALS))
        return 1e-3 * (g_Na * m**3 * h * (v - E_Na) + g_K * n**4 * (v - E_K) + g_L * (v - E_L))

    def init_state(self, states: Named, v: Array, params: Named, delta_t: Array) -> Named:
        """Nothing: the state is handed over."""
        return {}


def trap(x: Array) -> Array:
    """x / (1 - e^-x), and its limit near 0."""
    near = jnp.abs(x) < 1e-6
    safe = jnp.where(near, 1.0, x)
    return jnp.where(near, 1 + x / 2, safe / (1 - jnp.exp(-safe)))
