"""Public names of packages, resolved on first use: importing a package loads nothing that is not asked for."""

from __future__ import annotations

import importlib
from typing import Any, Callable, Mapping


def lazily(package: str, places: Mapping[str, str]) -> Callable[[str], Any]:  # what is named may be anything
    """The `__getattr__` of a package whose public names live in other modules, name to module.

    Raises AttributeError for any other name, as a module does.
    """

    def get(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(places[name]), name)

    return get
