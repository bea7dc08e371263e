"""The published form beside ours: 40 unrolled steps in one compiled function, called once a millisecond."""

from __future__ import annotations

import pytest

from neurochip_bench.suite import rows

FORMS = {"unrolled": True, "loop": False}


@pytest.mark.slow
@pytest.mark.parametrize(
    rows.ARGUMENTS,
    [rows.row("io", connected, "tensorflow-cpu-f32", 9, None) for connected in (False, True)],
    indirect=["backend"],
)
@pytest.mark.parametrize("form", FORMS)
def test_unrolled(row, form):
    """Its record has the compile time (minutes, unrolled), its timing the run."""
    program = row.prepare(unrolled=FORMS[form])
    row.describe(program)
    row.warm_up(program)
    row.judge(row.time(program))
