"""Modules of one's own that a command names: they are known in this process and in all that it starts."""

from __future__ import annotations

import os
from typing import Any, Sequence

from model import plugins
from model.kernels import KERNELS
from model.plugins import Registry
from neurochip_bench.backends import BACKENDS


def registries() -> tuple[Registry[Any], ...]:  # Any: of different things
    """What other packages add to, kernels and backends."""
    return KERNELS, BACKENDS


def troubles() -> list[str]:
    """One sentence for each package or module of which something could not be added."""
    for registry in registries():
        len(registry)  # it looks when it is first read
    return list(dict.fromkeys(trouble for registry in registries() for trouble in registry.troubles))


def use(modules: Sequence[str]) -> list[str]:
    """Add the kernels and backends of modules; one sentence for each of them that could not be added whole."""
    before = troubles()
    os.environ[plugins.NAMED] = ",".join(dict.fromkeys([*plugins.named(), *modules]))
    for registry in registries():
        registry.look()
    found = [trouble for trouble in troubles() if trouble not in before]
    empty = [name for name in modules if not any(from_module(registry, name) for registry in registries())]
    said = "expected a tuple KERNELS or BACKENDS in it"
    return [*found, *([f"plugin {name} adds nothing: {said}" for name in empty] if not found else [])]


def from_module(registry: Registry[Any], module: str) -> bool:  # likewise
    """Whether something of a registry is from a module."""
    return any(source.module == module for source in registry.added.values())
