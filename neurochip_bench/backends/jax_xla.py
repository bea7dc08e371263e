"""JAX: the living road to GPU and TPU, and on the CPU a second XLA beside TensorFlow's.

One function runs many milliseconds; its state is a tuple of rows, given away at each call and kept on the device.
"""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Iterator, Mapping, Tuple

import numpy as np

from model.arrays import Array, Codes, Reals
from model.network import Network
from model.operations import Operations
from neurochip_bench.backends import flags, jax_settings, probes
from neurochip_bench.backends.host import cores, cpu_name
from neurochip_bench.backends.jax_ops import JaxOps
from neurochip_bench.backends.libraries import Handle, Library, installed
from neurochip_bench.backends.stepping import Held
from neurochip_bench.backends.xla import HandedProgram, fast_math, milliseconds_of_a_call, set_flags
from neurochip_bench.settings import Settings

Rows = Tuple[Array, ...]  # what is carried from step to step
ELSEWHERE: set[str] = set()  # platforms whose chips are for other processes of this run, and that are left alone here


@lru_cache(maxsize=None)
def load_jax() -> Library:
    """JAX, imported with the settings that it reads only once, for the platforms that are here."""
    os.environ[jax_settings.PLATFORMS] = looked_for()
    os.environ[jax_settings.POOL] = str(cores())
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # memory grows as it is needed
    set_flags()
    if "cuda" in os.environ[jax_settings.PLATFORMS]:
        flags.add_flag(flags.XLA, "xla_gpu_deterministic_ops", "true")
    import jax

    jax.config.update("jax_platforms", os.environ[jax_settings.PLATFORMS])  # somebody may have imported it before
    jax_settings.pin(jax)
    return jax


def looked_for() -> str:
    """The platforms that JAX looks for here: never a chip that is not here, or that another process has."""
    found = ["cpu"]
    for kind in _kinds(JaxProgram):
        if kind.platform not in (*found, *ELSEWHERE) and kind.missing() is None:
            found.append(kind.platform)
    return jax_settings.platforms(found[::-1])


def only(platform: str) -> None:
    """Let JAX look for this platform and CPUs alone: it opens all that it looks for, and a TPU serves one process."""
    ELSEWHERE.update({kind.platform for kind in _kinds(JaxProgram)} - {"cpu", platform})


def _kinds(kind: type[JaxProgram]) -> Iterator[type[JaxProgram]]:
    """The classes of all devices, other people's among them."""
    for below in kind.__subclasses__():
        yield below
        yield from _kinds(below)


class JaxProgram(HandedProgram):
    """A network compiled by JAX's XLA for the CPU; other devices are subclasses."""

    extra = "jax"
    distributions: tuple[str, ...] = ("jax*", "ml-dtypes")
    platform = "cpu"

    def __init__(self, dtype: np.dtype, network: Network, settings: Settings) -> None:
        self._jax = self._started()
        self.library_version = self._jax.__version__
        self.device_name = self._name()
        here = self.platform == "cpu"
        self.threads = int(os.environ[jax_settings.POOL]) if here else None  # one pool for a process
        self.fast_math = fast_math() if here else None
        self.block = self._block_of(network)
        super().__init__(dtype, network, settings)

    def _started(self) -> Library:
        """JAX, with the device that is used."""
        jax = load_jax()
        (self._device, *_) = jax.devices(self.platform)
        return jax

    def _block_of(self, network: Network) -> int:
        return milliseconds_of_a_call(network.cells)

    @classmethod
    def missing(cls) -> str | None:
        """None, or a sentence: JAX is not installed, or the user's environment keeps it from running."""
        if not installed("jax", "jaxlib"):
            return "JAX is not installed (python -m pip install 'neurochip-bench[jax]')"
        return jax_settings.excluded(cls.platform) or flags.unreadable(flags.XLA)

    def _name(self) -> str:
        return cpu_name() if self.platform == "cpu" else self._device.device_kind

    def _operations(self, step: Array) -> Operations:
        """The named operations for the step of a number since the start."""
        return self._ops

    def _compile(self) -> None:
        self._ops = JaxOps(self._jax, self.dtype)
        with jax_settings.cache(self._jax, None):
            self._compile_anew()

    def _compile_anew(self) -> None:
        def milliseconds(*arguments: Handle) -> Handle:  # a function that JAX has never traced
            return self._milliseconds(*arguments)

        self._load()
        function = self._jax.jit(milliseconds, donate_argnums=(2, 3))
        arguments = (np.int32(0), np.int32(0), self._rows, self._armed, self._at_rest, self._arrays)
        self._run = function.lower(*arguments).compile()

    def warm_compile(self) -> float | None:
        """Seconds by JAX's cache on disk, here one of its own that is filled before; back at the start then."""
        with tempfile.TemporaryDirectory(prefix="jax-") as folder, jax_settings.cache(self._jax, folder):
            self._compile_anew()
            if not any(Path(folder).iterdir()):
                return None  # this device's programs cannot be stored
            start = self.clock()
            self._compile_anew()
            return self.clock() - start

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
        if self.platform == "cpu":  # where they are NumPy's already, and JAX would compile a slice of each length
            trace, codes = np.asarray(trace), np.asarray(codes)
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
        steps = np.int32(0), np.int32(self.settings.steps_per_ms)
        return self._steps(first, *steps, held, rows, armed, self._jax.numpy.zeros_like(armed))

    def _steps(
        self, first: Array, begin: Array, end: Array, held: Held, rows: Rows, armed: Array, code: Array
    ) -> tuple[Rows, Array, Array]:
        """Some steps of a millisecond."""

        def body(j: Array, carried: tuple[Rows, Array, Array]) -> tuple[Rows, Array, Array]:
            rows, armed, code = carried
            ops, number = self._operations(first + j), j.astype(self.dtype)
            after, armed, code = self.step(ops, number, rows, armed, code, held)
            return tuple(after), armed, code

        return self._jax.lax.fori_loop(begin, end, body, (rows, armed, code))


class JaxGpuProgram(JaxProgram):
    """A network compiled by JAX's XLA for an NVIDIA GPU: deterministic, products never in TF32."""

    extra = "jax-gpu"
    distributions = ("jax*", "ml-dtypes", "nvidia-*")
    platform = "cuda"
    tf32 = False

    @classmethod
    def missing(cls) -> str | None:
        """None, or a sentence: no JAX, no CUDA plugin, no GPU or no driver."""
        if not (installed("jax", "jaxlib") and (installed("jax_cuda12_plugin") or installed("jax_cuda13_plugin"))):
            return "JAX with CUDA is not installed (python -m pip install 'neurochip-bench[jax-gpu]')"
        return probes.nvidia() or probes.tf32_forced() or super().missing()


class JaxTpuProgram(JaxProgram):
    """A network compiled by JAX's XLA for a Google TPU."""

    extra = "jax-tpu"
    distributions = ("jax*", "ml-dtypes", "libtpu*")
    platform = "tpu"

    @classmethod
    def missing(cls) -> str | None:
        """None, or a sentence: no JAX, no libtpu, no TPU."""
        if not installed("jax", "jaxlib", "libtpu"):
            return "JAX with libtpu is not installed (python -m pip install 'neurochip-bench[jax-tpu]')"
        return probes.tpu() or super().missing()
