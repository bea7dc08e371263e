"""What a run leaves behind, and how spikes are counted on the way."""

from __future__ import annotations

import numpy as np


def count_spikes(ops, code, spiked, step, steps):
    """`code` (N,) of a millisecond after its step number `step` of `steps`, in which `spiked` (1.0 or 0.0) cells spiked.

    A code is steps * (number of spikes) + (step of the first): one number a cell, exact in float32 up to 4,000 steps.
    """
    return code + spiked * (steps + ops.where(code > 0.0, 0.0, step))


class Run:
    """The result of `program.run`; all arrays in the backend's precision unless said otherwise.

    state   (states, N) at the end
    first   (states, N) after the first millisecond; None if not recorded
    trace   (milliseconds + 1, N) of the membrane potential in mV, the first row being the start; None if not recorded
    every   milliseconds between two rows of the trace: 1, unless it comes from a file that keeps fewer
    """

    def __init__(self, state, first=None, trace=None, codes=None, *, steps=1, spikes_at=1, every=1):
        self.state, self.first, self.trace, self.every = state, first, trace, every
        self._codes, self._steps, self._spikes_at = codes, steps, spikes_at

    @property
    def spikes(self):
        """(milliseconds, N) integers: spikes in each millisecond, counted at every step; None if not recorded."""
        return None if self._codes is None else (self._codes // self._steps).astype(np.int32)

    @property
    def spike_times(self):
        """(milliseconds, N) ms since the run's start: first spike of that millisecond, NaN if none; None if not recorded."""
        if self._codes is None:
            return None
        milliseconds = np.arange(len(self._codes))[:, None]
        times = milliseconds + (self._codes % self._steps + float(self._spikes_at)) / self._steps
        return np.where(self._codes > 0, times, np.nan)
