"""Inferior olives over sizes (Landsmeer et al. 2024, Fig. 6); `--side paper` runs all of its sizes."""

from __future__ import annotations

import pytest

from neurochip_bench.suite import rows

pytestmark = [pytest.mark.experiment, pytest.mark.scaling]
ROWS = rows.Rows(kernels=("io",), sides=(*range(4, 11), 20, 30), quick=(4, 9))


def test_scaling(row):
    """100 ms of model time, transfers included; the published figures are the minimum of five runs."""
    row.measure()
