"""How far a run is from another one, in numbers that a neuroscientist can read.

All of them look at the whole window that the truth covers. Each is a distance: that of a run to itself is zero. A run
that cannot be compared, see `comparable`, is infinitely far away from any, itself included: it has no truth in it.
"""

from __future__ import annotations

from typing import Callable, Dict, List, Tuple

import numpy as np
from numpy.typing import NDArray

from model.arrays import Booleans, Floats, Integers, Reals
from model.kernels import Kernel
from neurochip_bench.run import Run

PARTNER_MS = 5.0  # spikes further apart than this are not the same spike
FLANK_MS = 2.0  # potentials are compared up to this long before a cell's first spike
QUIET_MS = 100  # and over this window at most
SETTLED_MS = 1000  # an oscillation is measured after this,
OSCILLATION_MS = 3000  # in runs of at least this length,
OSCILLATION_MV = 1.0  # in cells whose amplitude is at least this

MEASURES = {
    "v1_mv": "largest difference of any state after 1 ms; a gating variable's full range counts as that of a potential",
    "i1_ua": "largest difference of a synaptic current after 1 ms, where spikes are timed (hh)",
    "vs_mv": "worst cell's rms difference of the potential over 100 ms, up to 2 ms before its first spike",
    "spikes_unmatched": "spikes without a partner within 5 ms",
    "spike_shift_ms": "rms shift of the matched spikes",
    "spikes_per_cell": "largest difference of a cell's cumulative number of spikes",
    "spikes_total": "relative difference of the number of all spikes",
    "period_ms": "worst cell's difference of the period of its oscillation",
    "amplitude_mv": "worst cell's difference of the amplitude of its oscillation",
    "phase_rad": "worst cell's difference of the phase of its oscillation",
}


Distance = Callable[[Run, Run, Kernel], Tuple[float, ...]]  # of a run to the truth, in one measure or a few


def measure(run: Run, truth: Run, kernel: Kernel) -> Dict[str, float]:
    """Distance of a run to the truth over the truth's window: name in `MEASURES` to a number, where it applies.

    Maps per step (lif) have spike counts instead of spike times, since their cells fire many times a millisecond.
    """
    distances: List[Distance] = [after_first_millisecond]
    if kernel.map_dt is not None:
        distances += [spike_counts]
    else:
        synaptic = len(truth.first) > len(kernel.states)
        distances += [synaptic_current] * synaptic + [before_spikes, matched_spikes]
    if kernel.oscillates and len(truth.spikes) >= OSCILLATION_MS:
        distances += [oscillation]
    right_shape = comparable(run, truth)
    run = run.head(len(truth.spikes)) if right_shape else run
    result: Dict[str, float] = {}
    for distance in distances:
        names = DISTANCES[distance]
        values = distance(run, truth, kernel) if right_shape else (np.inf,) * len(names)
        result.update(zip(names, map(float, values)))
    return result


def comparable(run: Run, truth: Run) -> bool:
    """Whether a run has all that is compared, in the truth's shapes and at least its length, and is finite.

    A run without a cell or a millisecond has nothing that could be compared.
    """
    if run.trace is None or run.first is None or run.state is None or run.codes is None:
        return False
    if not run.trace.size or not truth.spikes.size:
        return False
    if run.state.shape != truth.first.shape or not np.isfinite(run.state).all():
        return False
    if not np.array_equal(run.state[0], run.trace[-1]):  # stale, or another run's
        return False
    milliseconds, cells = truth.spikes.shape
    long_enough = len(run.spikes) >= milliseconds and len(run.trace) > milliseconds // run.every
    same = run.first.shape == truth.first.shape and run.trace.shape[1:] == run.spikes.shape[1:] == (cells,)
    return bool(long_enough and same and np.isfinite(run.trace).all() and np.isfinite(run.first).all())


def after_first_millisecond(run: Run, truth: Run, kernel: Kernel) -> Tuple[float, ...]:
    """The measure v1_mv, the trace's own sample included; of a map per step over all but the worst cell in 10,000.

    There a spike may fall a step later, and the synaptic current counts as well; elsewhere it has its own measure.
    """
    names = kernel.states if kernel.map_dt is None else kernel.state_names(len(truth.first) > len(kernel.states))
    scale = np.array([kernel.scale_of(name) for name in names])[:, None]
    per_cell = (np.abs(run.first - truth.first)[: len(names)] * scale).max(axis=0)
    if run.every == 1:
        per_cell = np.maximum(per_cell, np.abs(run.trace[1] - truth.first[0]))
    per_cell.sort()
    spared = len(per_cell) // 10_000 if kernel.map_dt is not None else 0
    return (per_cell[len(per_cell) - 1 - spared],)


def synaptic_current(run: Run, truth: Run, kernel: Kernel) -> Tuple[float, ...]:
    """i1_ua: the largest difference of a synaptic current after the first millisecond, in µA/cm²."""
    return (np.abs(run.first[-1] - truth.first[-1]).max(),)


def before_spikes(run: Run, truth: Run, kernel: Kernel) -> Tuple[float, ...]:
    """vs_mv: the rms difference of the potential before spikes, in mV, of the cell with the largest."""
    return (quiet_rms(run, truth).max(),)


def quiet_rms(run: Run, truth: Run) -> Floats:
    """Each cell's rms difference (N,) of the potential in mV, up to shortly before its first spike in either run."""
    stride = truth.every // run.every
    rows = min(QUIET_MS // truth.every + 1, len(truth.trace))
    difference = (run.trace[::stride][:rows] - truth.trace[:rows]).astype(np.float64)
    quiet_until = np.minimum(first_spike(run), first_spike(truth)) - FLANK_MS
    quiet = np.arange(rows)[:, None] * truth.every <= quiet_until
    squares = np.where(quiet, difference, 0.0) ** 2
    return np.sqrt(squares.sum(axis=0) / np.maximum(quiet.sum(axis=0), 1))


def first_spike(run: Run) -> Floats:
    """Time (N,) of each cell's first spike in ms, infinite if it has none."""
    return np.where(np.isnan(run.spike_times), np.inf, run.spike_times).min(axis=0)


def matched_spikes(run: Run, truth: Run, kernel: Kernel) -> Tuple[float, ...]:
    """The measures spikes_unmatched and spike_shift_ms, the spikes of a cell being matched in order."""
    unmatched, shifts = matched(run, truth)
    return unmatched.sum(), np.sqrt(np.mean(np.square(shifts))) if len(shifts) else 0.0


def matched(run: Run, truth: Run) -> Tuple[Integers, Floats]:
    """Each cell's spikes (N,) without a partner in the other run, and the shifts of the others in ms, cell by cell.

    The time of a millisecond's first spike is known, of further ones only how many there are: they are partners of as
    many in the same millisecond of the other run.
    """
    further = np.maximum(run.spikes - 1, 0).astype(np.int64) - np.maximum(truth.spikes - 1, 0)
    unmatched = np.abs(further).sum(axis=0)
    cells, shifts, odd = in_step(run, truth)
    for cell in np.flatnonzero(odd):
        mine, theirs = (times[~np.isnan(times)] for times in (run.spike_times[:, cell], truth.spike_times[:, cell]))
        pairs = partners(mine, theirs)
        unmatched[cell] += len(mine) + len(theirs) - 2 * len(pairs)
        cells, shifts = np.append(cells, np.full(len(pairs), cell)), np.append(shifts, pairs)
    return unmatched, shifts[np.argsort(cells, kind="stable")]


def in_step(run: Run, truth: Run) -> Tuple[Integers, Floats, Booleans]:
    """(cell, shift in ms) of each spike of the cells whose spikes all have their partners in turn; which cells are odd.

    That is what `partners` finds of them, for all cells at once.
    """
    (mine_of, mine), (theirs_of, theirs) = trains(run), trains(truth)
    mine_count, theirs_count = (np.bincount(cells, minlength=run.spikes.shape[1]) for cells in (mine_of, theirs_of))
    odd = mine_count != theirs_count
    cells, shifts = mine_of[~odd[mine_of]], mine[~odd[mine_of]] - theirs[~odd[theirs_of]]
    odd[cells[np.abs(shifts) > PARTNER_MS]] = True
    return cells[~odd[cells]], shifts[~odd[cells]], odd


def trains(run: Run) -> Tuple[Integers, Floats]:
    """(cell, time in ms) of each first spike of a millisecond, cell by cell in order."""
    cells, milliseconds = np.nonzero(run.codes.T > 0)
    return cells, run.spike_times[milliseconds, cells]


def partners(mine: Floats, theirs: Floats) -> List[float]:
    """Shifts in ms of the spikes of two ascending trains that have a partner, each train in order."""
    shifts, i, j = [], 0, 0
    while i < len(mine) and j < len(theirs):
        shift = mine[i] - theirs[j]
        if abs(shift) <= PARTNER_MS:
            shifts.append(shift)
        i, j = i + (shift <= PARTNER_MS), j + (shift >= -PARTNER_MS)
    return shifts


def spike_counts(run: Run, truth: Run, kernel: Kernel) -> Tuple[float, ...]:
    """The measures spikes_per_cell and spikes_total."""
    total = truth.spikes.sum()
    return count_differences(run, truth).max(), abs(run.spikes.sum() - total) / max(total, 1)


def count_differences(run: Run, truth: Run) -> Integers:
    """Each cell's largest difference (N,) of the number of its spikes so far."""
    return np.abs(np.cumsum(run.spikes, axis=0) - np.cumsum(truth.spikes, axis=0)).max(axis=0)


def oscillation(run: Run, truth: Run, kernel: Kernel) -> Tuple[float, ...]:
    """The measures period_ms, amplitude_mv and phase_rad over the cells that oscillate in the truth."""
    (f, a, p), (f0, a0, p0) = (spectral_peak(r.trace[SETTLED_MS // r.every :], r.every, truth) for r in (run, truth))
    cells = a0 >= OSCILLATION_MV
    if not cells.any():
        return 0.0, 0.0, 0.0
    phase = np.angle(np.exp(1j * (p - p0)))
    return tuple(np.abs(d[cells]).max() for d in (1.0 / f - 1.0 / f0, a - a0, phase))


def spectral_peak(trace: Reals, every: int, truth: Run) -> Tuple[Floats, Floats, Floats]:
    """Frequency in 1/ms, amplitude in mV and phase in rad of each cell's strongest oscillation in the truth.

    From the three spectral lines of a Hann window around the truth's peak; the phase is that of the truth's line.
    """
    window = np.hanning(len(trace))[:, None]

    def spectrum(t: Reals) -> NDArray[np.complex128]:
        return np.fft.rfft((t - t.mean(axis=0)) * window, axis=0) / window.sum() * 2.0

    lines = spectrum(trace)
    reference = np.abs(spectrum(truth.trace[SETTLED_MS // truth.every :]))
    peak = 1 + reference[1:-1].argmax(axis=0)
    cell = np.arange(trace.shape[1])
    left, middle, right = (np.abs(lines[peak + k, cell]) for k in (-1, 0, 1))
    offset = 2.0 * (right - left) / np.maximum(left + 2.0 * middle + right, 1e-30)
    frequency = (peak + offset) / (len(trace) * every)
    return frequency, middle, np.angle(lines[peak, cell])


DISTANCES: Dict[Distance, Tuple[str, ...]] = {
    after_first_millisecond: ("v1_mv",),
    synaptic_current: ("i1_ua",),
    before_spikes: ("vs_mv",),
    matched_spikes: ("spikes_unmatched", "spike_shift_ms"),
    spike_counts: ("spikes_per_cell", "spikes_total"),
    oscillation: ("period_ms", "amplitude_mv", "phase_rad"),
}
