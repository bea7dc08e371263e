"""JAX: the living road to GPU and TPU, and on the CPU a second XLA beside TensorFlow's.

One function runs many milliseconds; its state is a tuple of rows, given away at each call and kept on the device.
"""

from __future__ import annotations

import importlib.util
import os
from functools import lru_cache
from typing import Mapping, Tuple

import numpy as np

from model.arrays import Array, Codes, Reals
from model.network import Network
from model.operations import Operations
from neurochip_bench.backends import probes
from neurochip_bench.backends.host import cores, cpu_name
from neurochip_bench.backends.jax_ops import JaxOps
from neurochip_bench.backends.libraries import Handle, Library
from neurochip_bench.backends.stepping import Held
from neurochip_bench.backends.xla import HandedProgram, add_flag, milliseconds_of_a_call, widest_vectors
from neurochip_bench.settings import Settings

Rows = Tuple[Array, ...]  # what is carried from step to step


@lru_cache(maxsize=None)
def load_jax() -> Library:
    """JAX, imported with the settings that it reads only once, for the platforms that are here."""
    found = ["cpu"]
    found += ["cuda"] if JaxGpuProgram.missing() is None else []
    found += ["tpu"] if JaxTpuProgram.missing() is None else []
    os.environ.setdefault("JAX_PLATFORMS", ",".join(reversed(found)))  # never look for a chip that is not here
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # memory grows as it is needed
    widest_vectors()
    if "cuda" in found:
        add_flag("--xla_gpu_deterministic_ops", "true")
    import jax

    jax.config.update("jax_enable_x64", True)
    return jax


def _installed(*names: str) -> bool:
    return all(importlib.util.find_spec(name) is not None for name in names)


class JaxProgram(HandedProgram):
    """A network compiled by JAX's XLA for the CPU; other devices are subclasses."""

    extra = "jax"
    platform = "cpu"
    threads: int | None = cores()  # JAX has one pool for a process

    def __init__(self, dtype: np.dtype, network: Network, settings: Settings) -> None:
        self._jax = load_jax()
        self.library_version = self._jax.__version__
        (self._device, *_) = self._jax.devices(self.platform)
        self.device_name = self._name()
        self.block = milliseconds_of_a_call(network.cells)
        super().__init__(dtype, network, settings)

    @classmethod
    def missing(cls) -> str | None:
        """None, or that JAX is not installed."""
        if not _installed("jax", "jaxlib"):
            return "JAX is not installed (python -m pip install -e '.[jax]')"
        return None

    def _name(self) -> str:
        return cpu_name() if self.platform == "cpu" else self._device.device_kind

    def _operations(self, step: Array) -> Operations:
        """The named operations for the step of a number since the start."""
        return self._ops

    def _compile(self) -> None:
        jax = self._jax
        self._ops = JaxOps(self._jax, self.dtype)
        self._load()
        function = jax.jit(self._milliseconds, donate_argnums=(2, 3))
        self._run = function.lower(
            np.int32(0), np.int32(0), self._rows, self._armed, self._at_rest, self._arrays
        ).compile()

    def _load(self) -> None:
        super()._load()
        self._now = 0  # milliseconds since the start

    def _put(self, value: Array) -> Handle:
        value = np.asarray(value)
        return self._jax.device_put(value.astype(self.dtype) if value.dtype.kind == "f" else value, self._device)

    def _advance(self, milliseconds: int, stimulus: Reals | None) -> tuple[Reals, Codes]:
        applied = self._applied(milliseconds, stimulus)
        times = np.int32(self._now), np.int32(milliseconds)
        self._rows, self._armed, trace, codes = self._run(*times, self._rows, self._armed, applied, self._arrays)
        self._now += milliseconds
        trace, codes = (np.asarray(a[:milliseconds, : self.network.cells]) for a in (trace, codes))
        return trace, codes

    def _state(self) -> Reals:
        return np.stack([np.asarray(row) for row in self._rows[: len(self.network.state)]])[:, : self.network.cells]

    def _milliseconds(
        self, now: Array, milliseconds: Array, rows: Rows, armed: Array, applied: Array, arrays: Mapping[str, Array]
    ) -> tuple[Rows, Array, Array, Array]:
        """The compiled function: at most `block` milliseconds; state, traces and spike codes (block, N)."""
        jnp, lax = self._jax.numpy, self._jax.lax

        def body(m: Array, carried: tuple[Rows, Array, Array, Array]) -> tuple[Rows, Array, Array, Array]:
            rows, armed, trace, codes = carried
            rows, armed, code = self._millisecond(
                (now + m) * self.settings.steps_per_ms, self._held(arrays, applied[m]), rows, armed
            )
            return rows, armed, trace.at[m].set(rows[0]), codes.at[m].set(code.astype(jnp.int32))

        recorded = jnp.zeros_like(applied)
        start = (rows, armed, recorded, recorded.astype(jnp.int32))
        return lax.fori_loop(np.int32(0), milliseconds, body, start)

    def _millisecond(self, first: Array, held: Held, rows: Rows, armed: Array) -> tuple[Rows, Array, Array]:
        """The steps of one millisecond, the first of number `first`: (rows, armed, spike code)."""

        def body(j: Array, carried: tuple[Rows, Array, Array]) -> tuple[Rows, Array, Array]:
            rows, armed, code = carried
            ops, number = self._operations(first + j), j.astype(self.dtype)
            after, armed, code = self.step(ops, number, rows, armed, code, held)
            return tuple(after), armed, code

        start = (rows, armed, self._jax.numpy.zeros_like(armed))
        return self._jax.lax.fori_loop(np.int32(0), np.int32(self.settings.steps_per_ms), body, start)


class JaxGpuProgram(JaxProgram):
    """A network compiled by JAX's XLA for an NVIDIA GPU: deterministic, products never in TF32."""

    extra = "jax-gpu"
    platform = "cuda"
    threads = None
    tf32 = False

    @classmethod
    def missing(cls) -> str | None:
        """None, or a sentence: no JAX, no CUDA plugin, no GPU or no driver."""
        if JaxProgram.missing() or not (_installed("jax_cuda12_plugin") or _installed("jax_cuda13_plugin")):
            return "JAX with CUDA is not installed (python -m pip install -e '.[jax-gpu]')"
        return probes.nvidia()


class JaxTpuProgram(JaxProgram):
    """A network compiled by JAX's XLA for a Google TPU."""

    extra = "jax-tpu"
    platform = "tpu"
    threads = None

    @classmethod
    def missing(cls) -> str | None:
        """None, or a sentence: no JAX, no libtpu, no TPU."""
        if JaxProgram.missing() or not _installed("libtpu"):
            return "JAX with libtpu is not installed (python -m pip install -e '.[jax-tpu]')"
        return probes.tpu()
