"""What it takes to draw the largest network of the paper: a million cells and ten million gap junctions."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from model.network import build
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.keep import facts
from neurochip_bench.keep.record import note, saved_form
from neurochip_bench.suite import memory, rows
from neurochip_bench.suite.timing.observer import Processor
from neurochip_bench.suite.timing.rounds import Rounds

GIB = 2**30 / 1e6  # MB


@pytest.mark.parametrize(
    ("kernel", "side"), [pytest.param("io", 100, id="io-connected-n=1000000", marks=rows.marks_of("io", True, "cpu"))]
)
def test_build(benchmark, kernel, side):
    measured, once = memory.reset_peak(), Rounds(benchmark, Processor())
    network = once.time(lambda: build(kernel, side), lambda: None, 1)
    blank = facts.blank(network, BACKENDS[ORACLE])
    note(benchmark.extra_info, **saved_form(replace(blank, experiment="build", verdict=None)))  # nothing to judge
    note(benchmark.extra_info, **once.facts())
    assert network.connections == 10 * side**3
    if measured:
        note(benchmark.extra_info, peak_memory_mb=memory.peak_mb())
        assert memory.peak_mb() <= 3 * GIB
