"""Ten seconds of connected inferior-olive cells against float64: the deviation at their beginning and at their end.

Landsmeer et al. (2024), Neurocomputing 598:127953, section 5.1.3 and Fig. 8.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from model.arrays import Reals
from neurochip_bench.accuracy.measures import OSCILLATION_MV
from neurochip_bench.accuracy.verdict import faithful_limit
from neurochip_bench.run import Run

MILLISECONDS, QUICK_MS, WINDOW_MS = 10_000, 3000, 1000
QUANTILES = {"min": 0, "p25": 25, "p50": 50, "p75": 75, "p95": 95, "max": 100}  # percent


def deviation(run: Run, truth: Run, phase_floor: float) -> dict[str, Any]:  # of JSON scalars
    """What a run deviates from the truth, as JSON scalars; None where it is not finite.

    first_, last_    quantiles over cells and milliseconds of the absolute deviation in mV, in the first and last second
    phase_first_rad, phase_last_rad   mean over the oscillating cells of the absolute difference in phase
    phase_growing    whether the latter exceeds the former by more than 4 `phase_floor`, four times what correct float32
                     arithmetic brings over such a run
    """
    windows = {"first": slice(1, WINDOW_MS + 1), "last": slice(-WINDOW_MS, None)}
    traces = {name: (run.trace[w].astype(np.float64), truth.trace[w]) for name, w in windows.items()}
    if not np.isfinite(run.trace).all():
        names = [f"{window}_{quantile}_mv" for window in windows for quantile in QUANTILES]
        return dict.fromkeys([*names, "phase_first_rad", "phase_last_rad", "phase_growing"])
    result: dict[str, Any] = {}
    for name, (mine, theirs) in traces.items():
        values = np.percentile(np.abs(mine - theirs), list(QUANTILES.values()))
        result.update({f"{name}_{quantile}_mv": float(value) for quantile, value in zip(QUANTILES, values)})
    first, last = (phase_difference(*traces[name]) for name in windows)
    growing = None if first is None or last is None else last - first > faithful_limit(phase_floor)
    return {**result, "phase_first_rad": first, "phase_last_rad": last, "phase_growing": growing}


def phase_difference(trace: Reals, truth: Reals) -> float | None:
    """Mean absolute difference in phase, in rad, at each cell's strongest oscillation in the truth; None if all rest.

    `trace` and `truth` are (milliseconds, N) in mV.
    """
    window = np.hanning(len(truth))[:, None]
    mine, theirs = (np.fft.rfft((t - t.mean(axis=0)) * window, axis=0)[1:] for t in (trace, truth))
    cells = np.arange(truth.shape[1])
    peak = np.abs(theirs).argmax(axis=0)
    oscillating = 2.0 * np.abs(theirs[peak, cells]) / window.sum() >= OSCILLATION_MV
    if not oscillating.any():
        return None
    return float(np.abs(np.angle(mine[peak, cells] * theirs[peak, cells].conj()))[oscillating].mean())
