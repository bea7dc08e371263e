"""The published form beside ours: 40 unrolled steps in one compiled function, called once a millisecond."""

from __future__ import annotations

import pytest

from model.accuracy.cases import connectivity
from model.backends import BACKENDS
from tests.suite.row import Row

BACKEND = BACKENDS["tensorflow-cpu-f32"]
SIDE = 9


@pytest.mark.slow
@pytest.mark.cpu
@pytest.mark.io
@pytest.mark.parametrize("connected", [False, True], ids=connectivity)
@pytest.mark.parametrize("unrolled", [True, False], ids=["unrolled", "loop"])
def test_unrolled(request, benchmark, truths, connected, unrolled):
    """Its record has the compile time (minutes, unrolled), its timing the run."""
    if BACKEND.missing():
        pytest.skip(BACKEND.missing())
    row = Row(BACKEND, "io", SIDE, connected, None, truths)
    benchmark.extra_info.update(row.record)
    program = BACKEND.prepare(row.network, unrolled=unrolled)
    row.describe(program)
    row.warm_up(program)
    row.judge(row.time(benchmark, program), benchmark)
    print(f"compiled in {program.compile_s:.1f} s, {row.record['ns_per_cell_step']:.1f} ns per cell and step")
