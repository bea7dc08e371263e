"""Modules of one's own that a command names: they are known in this process and in all that it starts."""

from __future__ import annotations

import os
from typing import Sequence

from neurochip_bench.additions import kernels, sources
from neurochip_bench.backends import registry

LOADERS = (kernels.OTHERS, registry.OTHERS)


def troubles() -> list[str]:
    """One sentence for each package or module of which something could not be added."""
    for loader in LOADERS:
        loader.ready()
    return list(dict.fromkeys(trouble for loader in LOADERS for trouble in loader.troubles))


def use(modules: Sequence[str]) -> list[str]:
    """Add the kernels and backends of modules; one sentence for each of them that could not be added whole."""
    before = troubles()
    os.environ[sources.NAMED] = ",".join(dict.fromkeys([*sources.named(), *modules]))
    for loader in LOADERS:
        loader.look()
    found = [trouble for trouble in troubles() if trouble not in before]
    given = {source.module for loader in LOADERS for source in loader.added.values()}
    said = "expected a tuple KERNELS or BACKENDS in it"
    empty = [f"plugin {name} adds nothing: {said}" for name in modules if name not in given]
    return found or empty
