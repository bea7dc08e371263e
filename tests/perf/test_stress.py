"""Fifteen seconds in which pulses of current make inferior-olive cells spike (Landsmeer et al. 2024, section 6.4)."""

from __future__ import annotations

import pytest

from neurochip_bench.experiments.stress import MILLISECONDS, QUICK_MS, outcome, protocol
from neurochip_bench.suite import rows

pytestmark = [pytest.mark.experiment, pytest.mark.stress]
ROWS = rows.Rows(kernels=("io",), connected=(True,), sides=(4,), quick=(4,), fixed=True, shortened=True)


def test_stress(long_row, keep_traces):
    """Spikes lost, surplus and shifted; a run is unstable if it is not finite, or a potential is beyond 200 mV."""
    _, stimulus = protocol()
    row = long_row(MILLISECONDS, QUICK_MS, stimulus)
    program = row.prepare()
    row.describe(program)
    row.warm_up(program)
    run, truth = row.time(program), row.truth()
    found = outcome(run, truth)
    row.note(stable=found.stable, stress_spikes=found.spikes, lost=found.lost, surplus=found.surplus)
    row.note(spike_rms_shift_ms=found.shift_ms, rms_mv=found.rms_mv, largest_mv=found.largest_mv)
    keep_traces(row, run_mv=run.trace, truth_mv=truth.trace.astype("float32"), spikes=run.spikes.astype("int8"))
    row.judge(run)
