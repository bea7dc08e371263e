"""JAX's settings that are the suite's, whatever the user's environment says, and its cache of compiled programs."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import Iterator, Mapping, Sequence

from neurochip_bench.backends.libraries import Library

PLATFORMS = "JAX_PLATFORMS"
POOL = "PJRT_NPROC"  # threads of the pool that XLA has on a CPU, one for a process
ALIASES = {"gpu": ("cuda",), "cuda": ("cuda",), "cpu": ("cpu",), "tpu": ("tpu",)}
# Each would change results or times, or end a row: its name in capitals is the environment variable.
PINNED = {
    "jax_enable_compilation_cache": False,
    "jax_enable_x64": True,
    "jax_disable_jit": False,
    "jax_disable_most_optimizations": False,
    "jax_debug_nans": False,
    "jax_debug_infs": False,
    "jax_enable_checks": False,
    "jax_check_tracer_leaks": False,
    "jax_explain_cache_misses": False,
    "jax_default_matmul_precision": None,
    "jax_numpy_dtype_promotion": "standard",
    "jax_numpy_rank_promotion": "allow",
    "jax_transfer_guard": "allow",
    "jax_transfer_guard_host_to_device": "allow",
    "jax_transfer_guard_device_to_device": "allow",
    "jax_transfer_guard_device_to_host": "allow",
    "jax_cpu_enable_async_dispatch": True,
    "jax_num_cpu_devices": -1,
    "jax_enable_pgle": False,
    "jax_compilation_cache_expect_pgle": False,
    "jax_no_tracing": False,
    "jax_no_execution": False,
    "jax_exec_time_optimization_effort": 0.0,
    "jax_memory_fitting_effort": 0.0,
}


def pin(jax: Library) -> None:
    """Set what is pinned; a later JAX may lack some of it."""
    for name, value in PINNED.items():
        if jax.config.values.get(name, value) != value:
            jax.config.update(name, value)


def excluded(platform: str) -> str | None:
    """None, or a sentence: the user's JAX_PLATFORMS does not name a platform."""
    asked = os.environ.get(PLATFORMS, "")
    if not asked or platform in _named(asked):
        return None
    return f"{PLATFORMS} is {asked!r}: expected {platform!r} among its names, or that it is not set"


def platforms(found: Sequence[str]) -> str:
    """The platforms that are here, in JAX's order; of them those that the user names, in his: others end JAX."""
    asked = os.environ.get(PLATFORMS, "")
    return ",".join([name for name in _named(asked) if name in found] if asked else found)


def _named(text: str) -> list[str]:
    return [name for word in text.split(",") for name in ALIASES.get(word.strip().lower(), (word.strip(),))]


@contextmanager
def cache(jax: Library, folder: str | None) -> Iterator[None]:
    """JAX's cache of compiled programs in a folder, or nowhere; afterwards it is where it was."""
    from jax.experimental.compilation_cache import compilation_cache

    wanted = {
        "jax_enable_compilation_cache": folder is not None,
        "jax_compilation_cache_dir": folder,
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    before = {name: jax.config.values[name] for name in wanted}

    def settle(values: Mapping[str, object]) -> None:
        for name, value in values.items():
            jax.config.update(name, value)
        compilation_cache.reset_cache()  # what it decided with its first program, it decides anew

    settle(wanted)
    try:
        yield
    finally:
        settle(before)
