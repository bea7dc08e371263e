"""What a user's environment says that changes what runs or how fast: as it was before any library added to it.

One list for whoever asks: what a saved run says of itself, what has to be the same for it to go on, and what the name
of a run that is kept depends on.
"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from typing import Mapping

MATTER = (
    "CUDA_LAUNCH_BLOCKING", "CUDA_VISIBLE_DEVICES", "GLIBC_TUNABLES", "JAX_*", "LD_PRELOAD", "NEUROCHIP_*_PYTHON",
    "NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES", "NUMBA_*", "NVIDIA_TF32_OVERRIDE", "OMP_NUM_THREADS",
    "OPENBLAS_CORETYPE", "TF_*", "XLA_*",
)  # fmt: skip
# Of these what only changes what is printed, or names a cache that no row uses.
BUT = (
    "JAX_COMPILATION_CACHE_DIR", "JAX_LOG_*", "JAX_PERSISTENT_CACHE_*", "JAX_TRACEBACK_FILTERING",
    "NUMBA_CACHE_DIR", "NUMBA_DEBUG_CACHE", "NUMBA_DUMP_*", "TF_CPP_*",
)  # fmt: skip


def given(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings that matter, by name, in order."""
    return {name: environment[name] for name in sorted(environment) if _is(name, MATTER) and not _is(name, BUT)}


def _is(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


GIVEN = given(os.environ)  # read when the suite's plugins are loaded, before the libraries
