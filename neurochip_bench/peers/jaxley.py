"""jaxley (Deistler et al. 2025, Nat Methods): cells of compartments in JAX, stepped by its own compiled function.

Potentials take a backward Euler step, gates an exponential one. The step of one cell, which jaxley gives to whoever
wants to loop over it himself, is mapped over all of them, and 40 of them make a millisecond.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import time
import warnings
from types import MappingProxyType
from typing import Dict, Mapping

import numpy as np

from model.arrays import Array, Codes, Floats, Reals
from neurochip_bench.backends.host import cores
from neurochip_bench.backends.jax_xla import JaxProgram, load_jax
from neurochip_bench.backends.libraries import Handle, Library, installed
from neurochip_bench.peers.program import PeerProgram

Values = Dict[str, Array]  # by jaxley's names
ELSEWHERE = ("I_in", "threshold", "tau_syn")  # what drives and watches cells, and what it has no synapses for
NO_SYNAPSE = "its synapses follow potentials continuously, and none adds a weight where a spike is"
UNWRITTEN = "of its models hh alone is written down here"
NO_LIF = "it takes a map per step for no equation"


class JaxleyProgram(PeerProgram):
    """Cells of jaxley's, on JAX's threads."""

    library = "jaxley"
    extra = "jaxley"
    distributions = ("jaxley", "jax*", "ml-dtypes")
    models = ("hh",)
    lacks = MappingProxyType(
        {
            ("hh", True): NO_SYNAPSE,
            **{("io", connected): UNWRITTEN for connected in (False, True)},
            **{("lif", connected): NO_LIF for connected in (False, True)},
        }
    )
    threads: int | None = cores()

    @staticmethod
    def missing() -> str | None:
        """None, or that jaxley is not installed."""
        if not installed("jaxley") or JaxProgram.missing():
            return "jaxley is not installed (python -m pip install 'neurochip-bench[jaxley]')"
        return None

    def _compile(self) -> None:
        self.library_version = importlib.metadata.version("jaxley")
        self._jax = load_jax()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pandas's, of what jaxley calls in it
            self._step, self._one = one_cell(self._jax, self.settings.dt)
        self._load()
        applied = np.zeros((self.block, self.network.cells))
        function = self._jax.jit(self._milliseconds)
        self._run = function.lower(np.int32(0), self._states, self._constants, applied).compile()

    def _load(self) -> None:
        cells, jnp = self.network.cells, self._jax.numpy
        states = {"v": self.network.state[0], **{f"hh_{gate}": row for gate, row in zip("mhn", self.network.state[1:])}}
        self._states = {name: jnp.asarray(row[:, None]) for name, row in states.items()}
        self._states["i_hh"] = jnp.zeros((cells, 1))
        self._constants = {
            name: jnp.broadcast_to(jnp.asarray(value)[..., None], (cells, 1))
            for name, value in handed_over(self.network.parameters, self._one).items()
        }

    def _advance(self, milliseconds: int, stimulus: Reals | None) -> tuple[Reals, Codes]:
        applied = np.zeros((self.block, self.network.cells))
        if stimulus is not None:
            applied[:milliseconds] = stimulus
        start = time.perf_counter()
        self._states, trace, codes = self._run(np.int32(milliseconds), self._states, self._constants, applied)
        read = np.asarray(trace)[:milliseconds], np.asarray(codes)[:milliseconds]
        type(self)._spent += time.perf_counter() - start
        return read

    def _state(self) -> Reals:
        return np.stack([np.asarray(self._states[name])[:, 0] for name in ("v", "hh_m", "hh_h", "hh_n")])

    def _milliseconds(
        self, count: Array, states: Values, constants: Values, applied: Array
    ) -> tuple[Values, Array, Array]:
        """The compiled function: at most `block` milliseconds; states, traces and spike codes (block, N)."""

        def body(m: Array, carried: tuple[Values, Array, Array]) -> tuple[Values, Array, Array]:
            states, trace, codes = carried
            states, code = self._millisecond(states, constants, applied[m] + self.network.parameters["I_in"])
            return states, trace.at[m].set(states["v"][:, 0]), codes.at[m].set(code)

        recorded = self._jax.numpy.zeros_like(applied)
        return self._jax.lax.fori_loop(np.int32(0), count, body, (states, recorded, recorded.astype(np.int32)))

    def _millisecond(self, states: Values, constants: Values, applied: Array) -> tuple[Values, Array]:
        jnp, threshold = self._jax.numpy, self.network.parameters["threshold"]
        steps = np.int32(self.settings.steps_per_ms)
        current = applied[:, None] * (1e-5 * self._one["area"])  # uA/cm2 over um2, in nA

        def one(states: Values, constants: Values, current: Array) -> Values:
            return self._step(states, {**self._one, **constants}, {"i": current})

        def body(j: Array, carried: tuple[Values, Array]) -> tuple[Values, Array]:
            states, code = carried
            after = self._jax.vmap(one)(states, constants, current)
            spiked = (states["v"][:, 0] < threshold) & (after["v"][:, 0] >= threshold)
            return after, code + jnp.where(spiked, steps + jnp.where(code > 0, 0, j), 0)

        start = states, jnp.zeros(len(applied), np.int32)
        return self._jax.lax.fori_loop(np.int32(0), steps, body, start)


def handed_over(parameters: Mapping[str, Floats], constants: Values) -> dict[str, Floats]:
    """The parameters of a network by the names of jaxley's constants; raises ValueError where it has none for one."""
    given = {"capacitance" if name == "C_m" else f"hh_{name}": name for name in parameters if name not in ELSEWHERE}
    for own, name in given.items():
        if own not in constants:
            raise ValueError(f"jaxley's cell has no {own!r} for the parameter {name!r}: expected one for each of hh's")
    return {own: parameters[name] for own, name in given.items()}


def one_cell(jax: Library, dt: float) -> tuple[Handle, Values]:
    """(jaxley's step of a cell, its constants)."""
    import jaxley
    from jaxley.integrate import build_init_and_step_fn

    from neurochip_bench.peers.jaxley_channel import HodgkinHuxley

    cell = jaxley.Cell()
    cell.insert(HodgkinHuxley())
    with contextlib.redirect_stdout(io.StringIO()):  # it says what it did
        cell.stimulate(jax.numpy.zeros(1))
    cell.to_jax()
    start, step = build_init_and_step_fn(cell)
    _, constants = start(cell.get_parameters())
    inputs = {"i": np.array([0])}
    return lambda states, constants, current: step(states, constants, current, inputs, delta_t=dt), constants
