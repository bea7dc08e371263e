"""Joules of a simulated second, as in Table 3 of the paper: 729 connected olive cells on every backend."""

from __future__ import annotations

import pytest

from neurochip_bench.suite import energy, rows

pytestmark = [pytest.mark.experiment, pytest.mark.energy]
ROWS = rows.Rows(kernels=("io",), connected=(True,), sides=(9,), quick=(9,))


def test_energy(row):
    """Rest, then runs for five seconds or more, each going on from the last; a run from the start is judged."""
    program = row.prepare()
    row.describe(program)
    row.warm_up(program)
    with energy.meter(row.backend, program) as meter:
        row.measure_energy(program, meter)
    program.reset()
    row.judge(row.run(program))
