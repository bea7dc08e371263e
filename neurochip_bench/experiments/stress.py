"""The numerical stress test: 15 s in which pulses of current make inferior-olive cells spike.

Landsmeer et al. (2024), Neurocomputing 598:127953, sections 5.1.4 and 6.4: 64 connected cells whose g_CaL differs, 5 s
to settle, then ten times 50 ms in which a random third of the cells gets a current from N(10, 3) uA/cm2, and 950 ms
without.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Tuple

import numpy as np

from model.arrays import Singles
from model.network import Network, build
from neurochip_bench.accuracy.measures import partners
from neurochip_bench.run import Run

SETTLE_MS, PULSES, PULSE_MS, REST_MS = 5000, 10, 50, 950
MILLISECONDS = SETTLE_MS + PULSES * (PULSE_MS + REST_MS)
QUICK_MS = SETTLE_MS + PULSE_MS + REST_MS  # a small form of it: one pulse
LARGEST_MV = 200.0  # beyond any reversal potential: a membrane that gets there has left its equations


def protocol(seed: int = 42) -> Tuple[Network, Singles]:
    """(network of 64 cells, stimulus (15000, 64) in uA/cm2), both exact in float32."""
    network = build("io", 4, connected=True, seed=seed).rounded()
    rng = np.random.default_rng(seed)
    stimulus = np.zeros((MILLISECONDS, network.cells), np.float32)
    for pulse in range(PULSES):
        start = SETTLE_MS + pulse * (PULSE_MS + REST_MS)
        cells = rng.choice(network.cells, network.cells // 3, replace=False)
        stimulus[start : start + PULSE_MS, cells] = rng.normal(10.0, 3.0, len(cells))
    return network, stimulus


@dataclass(frozen=True)
class Outcome:
    """What became of a run, against the float64 run of the same protocol.

    stable      finite, and no potential beyond 200 mV
    spikes      in the run
    lost, surplus   of the truth's spikes without a partner within 5 ms, of the run's
    shift_ms    rms shift of the others
    rms_mv, largest_mv   deviation of the potential sampled each millisecond; None if not finite
    """

    stable: bool
    spikes: int
    lost: int
    surplus: int
    shift_ms: float
    rms_mv: float | None
    largest_mv: float | None

    def record(self) -> dict[str, Any]:  # JSON scalars
        """The fields by name."""
        return asdict(self)


def outcome(run: Run, truth: Run) -> Outcome:
    """The `Outcome` of a recorded run."""
    deviation = run.trace.astype(np.float64) - truth.trace
    finite = bool(np.isfinite(deviation).all() and np.isfinite(run.state).all())
    mine, theirs = 0, 0
    shifts: list[float] = []
    for cell in range(truth.trace.shape[1]):
        ours, others = (times[~np.isnan(times)] for times in (r.spike_times[:, cell] for r in (run, truth)))
        mine, theirs = mine + len(ours), theirs + len(others)
        shifts += partners(ours, others)
    return Outcome(
        stable=finite and bool(np.abs(run.trace).max() <= LARGEST_MV),
        spikes=mine,
        lost=theirs - len(shifts),
        surplus=mine - len(shifts),
        shift_ms=float(np.sqrt(np.mean(np.square(shifts)))) if shifts else 0.0,
        rms_mv=float(np.sqrt(np.mean(deviation**2))) if finite else None,
        largest_mv=float(np.abs(deviation).max()) if finite else None,
    )
