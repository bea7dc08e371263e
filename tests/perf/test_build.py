"""What it takes to draw the largest network of the paper: a million cells and ten million gap junctions."""

from __future__ import annotations

import pytest

from model.network import build
from tests.suite import memory


@pytest.mark.cpu
@pytest.mark.parametrize("kernel", [pytest.param("io", marks=pytest.mark.io)])
@pytest.mark.parametrize("side", [100], ids=lambda side: f"n={side**3}")
def test_build(benchmark, kernel, side):
    measured = memory.reset_peak()
    network = benchmark.pedantic(build, args=(kernel, side), rounds=1)
    peak = memory.peak_mb() if measured else None
    benchmark.extra_info.update(cells=network.cells, connections=network.connections, peak_memory_mb=peak)
    assert network.connections == 10 * side**3
