"""Connected inferior olives at the sizes of Landsmeer et al. 2024, Fig. 7B: each backend's time over the CPU's."""

from __future__ import annotations

import pytest

from neurochip_bench.suite import rows

pytestmark = [pytest.mark.experiment, pytest.mark.speedup]
ROWS = rows.Rows(kernels=("io",), connected=(True,), sides=(4, 9, 50), quick=(4, 9))


def test_speedup(row):
    """The report divides by the CPU's time in the same run."""
    row.measure()
