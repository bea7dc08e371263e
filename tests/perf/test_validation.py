"""Ten seconds of connected inferior-olive cells against float64 (Landsmeer et al. 2024, section 5.1.3, Fig. 8)."""

from __future__ import annotations

import pytest

from neurochip_bench.experiments.validation import MILLISECONDS, QUICK_MS, WINDOW_MS, deviation
from neurochip_bench.suite import rows

pytestmark = [pytest.mark.experiment, pytest.mark.validation]
ROWS = rows.Rows(kernels=("io",), connected=(True,), sides=(4, 9), quick=(4,), numpy=False, shortened=True)


def test_validation(long_row, keep_traces):
    """The deviation over the first and the last second, and whether the difference in phase grows."""
    row = long_row(MILLISECONDS, QUICK_MS)
    program = row.prepare()
    row.describe(program)
    row.warm_up(program)
    run, truth = row.time(program), row.truth()
    row.note(**deviation(run, truth, row.limits["floor"]["phase_rad"]))
    keep_traces(row, **windows("run", run), **windows("truth", truth))
    row.judge(run)


def windows(who, run):
    """The potentials of the first and of the last second, by name."""
    first, last = run.trace[: WINDOW_MS + 1], run.trace[-WINDOW_MS:]
    return {f"{who}_first_mv": first.astype("float32"), f"{who}_last_mv": last.astype("float32")}
