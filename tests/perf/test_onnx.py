"""The forms of an ONNX step: a Loop of 40, 40 calls of one step, 40 steps written one after another; and tf2onnx's."""

from __future__ import annotations

import pytest

from neurochip_bench.suite import rows

FORMS = {
    "loop": {"form": "loop"},
    "calls": {"form": "calls"},
    "unrolled": {"form": "unrolled"},
    "tf2onnx": {"form": "calls", "converter": "tf2onnx"},
}
SIDES = (4, 9, 20, 50)


@pytest.mark.slow
@pytest.mark.parametrize(
    rows.ARGUMENTS,
    [rows.row("io", c, "onnxruntime-cpu-f32", side, None) for c in (False, True) for side in SIDES],
    indirect=["backend"],
)
@pytest.mark.parametrize("form", FORMS)
def test_onnx_form(row, form):
    """The record says how long the export took, and which nodes ran where."""
    program = row.prepare(**FORMS[form])
    row.describe(program)
    row.warm_up(program)
    row.judge(row.time(program))
