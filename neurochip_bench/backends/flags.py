"""Environment variables that hold the flags of XLA, TensorFlow or Poplar: read, added to, and freed of caches.

Each is read once for a process, when its library is loaded.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

XLA, TENSORFLOW, POPLAR = "XLA_FLAGS", "TF_XLA_FLAGS", "TF_POPLAR_FLAGS"
# What a compiler would find there, it would not do: a time with it is not a compiler's.
CACHES = {
    XLA: (
        "xla_gpu_per_fusion_autotune_cache_dir",
        "xla_gpu_experimental_autotuner_cache_dir",
        "xla_gpu_load_autotune_results_from",
        "xla_gpu_kernel_cache_file",
    ),
    TENSORFLOW: ("tf_xla_persistent_cache_directory",),
    POPLAR: ("executable_cache_path",),
}
_FLAG = re.compile(r"""(?:[^\s'"]|'[^']*'|"(?:\\.|[^"\\])*")+""")


def flags(variable: str) -> list[str]:
    """The flags of a variable, or of the file that it names where it starts with no dash, as XLA has it.

    Raises OSError for a file that cannot be read.
    """
    text = os.environ.get(variable, "").strip()
    return _FLAG.findall(text if text.startswith("-") or not text else Path(text).read_text())


def unreadable(*variables: str) -> str | None:
    """None, or a sentence: a variable names a file that is none, over which its library would end the process."""
    for variable in variables:
        try:
            flags(variable)
        except (OSError, UnicodeDecodeError):
            return f"{variable} is {os.environ[variable]!r}: expected flags that start with --, or a file of them"
    return None


def name_of(flag: str) -> str:
    """The name of a flag, without dashes and value."""
    return flag.lstrip("-").partition("=")[0]


def add_flag(variable: str, name: str, value: object) -> None:
    """Add a flag to a variable, unless the user has set it."""
    given = flags(variable)
    if name not in map(name_of, given):
        os.environ[variable] = " ".join([*given, f"--{name}={value}"])


def without_caches(variable: str) -> None:
    """Take the flags of caches out of a variable."""
    given = flags(variable)
    kept = [flag for flag in given if name_of(flag) not in CACHES[variable]]
    if kept != given:
        os.environ[variable] = " ".join(kept)


def is_on(variable: str, name: str) -> bool | None:
    """Whether a flag of a variable is on, the last one counting; None where it is not there."""
    found = [flag.partition("=")[2].strip("'\"").lower() for flag in flags(variable) if name_of(flag) == name]
    return found[-1] not in ("false", "0") if found else None
