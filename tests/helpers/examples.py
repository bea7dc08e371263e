"""The packages in `examples`, imported from there: their kernels and backends, and what tests do with each."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parents[2] / "examples"


def module(name: str) -> ModuleType:
    """The module of an example."""
    spec = importlib.util.spec_from_file_location(name, FOLDER / name / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


MODELS = [kernel for name in ("fitzhugh_nagumo", "izhikevich") for kernel in module(name).KERNELS]
CHIPS = list(module("toy_chip").BACKENDS)
