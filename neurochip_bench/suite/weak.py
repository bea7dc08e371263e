"""Rows of weak scaling: a cube of cells on each device, in a torus that grows along one axis."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Iterable

from model.arrays import Reals
from model.network import Network, build, drive
from neurochip_bench.suite.row import MODEL_MS, Row
from neurochip_bench.suite.rows import Asked, Rows, named
from neurochip_bench.suite.shards import too_large, undrawn

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet as Param


@lru_cache(maxsize=2)
def grown(kernel: str, shape: tuple[int, int, int], connected: bool) -> tuple[Network, Reals | None, float]:
    """A standard network of a shape, rounded to float32, its stimulus, and the seconds it took to build."""
    start = time.perf_counter()
    network = build(kernel, shape=shape, connected=connected)
    seconds = time.perf_counter() - start
    network = network.rounded()
    return network, drive(network, MODEL_MS), seconds


class WeakRow(Row):
    """A standard network with a cube of `side` for each device."""

    def made(self, kernel: str, side: int, connected: bool) -> tuple[Network, Reals | None, float]:
        """The row's network, its stimulus, and the seconds it took to build."""
        shape = (side, side, side * self.backend.program.devices)
        if too_large(self.backend, shape[0] * shape[1] * shape[2]):
            return undrawn(kernel, shape, connected, None, self.milliseconds)
        return grown(kernel, shape, connected)


class WeakRows(Rows):
    """Rows whose ids name the cells of all devices."""

    def params(self, option: Asked) -> Iterable[Param]:
        """Its `pytest.param`s."""
        for param in super().params(option):
            values: Any = param.values  # of `rows.ARGUMENTS`
            kernel, connected, backend, side, coupling, devices = values
            name = named(kernel, connected, backend, side**3 * devices, coupling, devices=devices)
            yield param._replace(id=name)
