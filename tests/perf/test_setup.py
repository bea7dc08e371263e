"""What it takes until a network of 729 cells runs (Landsmeer et al. 2024, section 5.1.1, Fig. 7A)."""

from __future__ import annotations

import statistics

import pytest

from neurochip_bench.suite import rows

pytestmark = [pytest.mark.experiment, pytest.mark.setup]
ROWS = rows.Rows(kernels=("io",), sides=(9,), quick=(9,), numpy=False)


def test_setup(row):
    """Building, compiling ahead of time, and what the first run takes longer than the slowest of the later ones."""
    program = row.time_prepare()
    row.describe(program)
    row.warm_up(program)
    later = []
    for _ in range(row.rounds):
        program.reset()
        start = program.clock()
        run = row.run(program)
        later.append(program.clock() - start)
    first = row.record.first_run_s
    just_in_time = first - statistics.median(later) if first > max(later) else 0.0
    row.note(jit_s=just_in_time, setup_s=row.record.build_s + row.record.compile_s + just_in_time)
    row.judge(run)
    row.note(warm_compile_s=program.warm_compile())
