"""So many cells on each of more and more devices: weak scaling, `pytest -m weak --devices 1,2,4`."""

from __future__ import annotations

import pytest

from neurochip_bench.suite.weak import WeakRow, WeakRows

pytestmark = [pytest.mark.experiment, pytest.mark.weak]
ROW = WeakRow
ROWS = WeakRows(kernels=("io",), connected=(True,), sides=(20,), quick=(4,), numpy=False)


def test_weak(row):
    """A torus that grows along one axis, so that each device has a cube; the report holds times against each other."""
    row.measure()
