"""One network over more and more devices: strong scaling, `pytest -m strong --devices 1,2,4`."""

from __future__ import annotations

import pytest

from neurochip_bench.suite import rows

pytestmark = [pytest.mark.experiment, pytest.mark.strong]
ROWS = rows.Rows(kernels=("io",), connected=(True,), sides=(20,), quick=(4,), numpy=False)


def test_strong(row):
    """The report divides by the time on the fewest devices."""
    row.measure()
