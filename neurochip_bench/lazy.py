"""Public names of packages, resolved on first use: importing a package loads nothing that is not asked for."""

from __future__ import annotations

import importlib
import sys
from typing import Any, Callable, Mapping

Get = Callable[[str], Any]  # what is named may be anything


def lazily(package: str, places: Mapping[str, str]) -> tuple[Get, Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package whose public names live in other modules, name to module.

    The former raises AttributeError for any other name, as a module does, and keeps nothing: what its module has in the
    name's place later on is what is given.
    """

    def get(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(places[name]), name)

    return get, lambda: sorted({*vars(sys.modules[package]), *places})
