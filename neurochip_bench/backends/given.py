"""What a user's environment says that changes what runs or how fast: as it was before any library added to it.

One list for whoever asks: what a saved run says of itself, what has to be the same for it to go on, and what the name
of a run that is kept depends on.
"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from typing import Mapping

MATTER = (
    "BLIS_*", "CUDA_LAUNCH_BLOCKING", "CUDA_VISIBLE_DEVICES", "DNNL_*", "GLIBC_TUNABLES", "GOMP_*", "JAX_*", "KMP_*",
    "LD_PRELOAD", "MALLOC_*", "MKL_*", "NEUROCHIP_*_PYTHON", "NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES",
    "NUMBA_*", "NVIDIA_TF32_OVERRIDE", "OMP_*", "ONEDNN_*", "OPENBLAS_*", "ORT_*", "OV_*", "POPLAR_*", "TF_*", "XLA_*",
)  # fmt: skip
# Of these what changes what is printed alone, names a cache that no row uses, is replaced, or is Terraform's.
BUT = (
    "*_LOG_*", "*_VERBOSE", "JAX_COMPILATION_CACHE_DIR", "JAX_PERSISTENT_CACHE_*", "JAX_TRACEBACK_FILTERING",
    "MKL_NUM_THREADS", "NUMBA_CACHE_DIR", "NUMBA_DEBUG_CACHE", "NUMBA_DUMP_*", "OMP_DISPLAY_*", "OPENBLAS_NUM_THREADS",
    "ORT_TENSORRT_*", "TF_CLI_*", "TF_CPP_*", "TF_VAR_*",
)  # fmt: skip


def given(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings that matter, by name, in order."""
    return {name: environment[name] for name in sorted(environment) if _is(name, MATTER) and not _is(name, BUT)}


def _is(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


GIVEN = given(os.environ)  # read when the suite's plugins are loaded, before the libraries
