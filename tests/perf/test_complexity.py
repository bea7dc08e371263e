"""Every model, unconnected and connected, over sizes (Landsmeer et al. 2024, Fig. 9)."""

from __future__ import annotations

import pytest

from neurochip_bench.suite import rows

pytestmark = [pytest.mark.experiment, pytest.mark.complexity]
ROWS = rows.Rows(sides=(4, 9, 10, 20), quick=(4,))


def test_complexity(row):
    """The report takes the fastest of those that are right."""
    row.measure()
