"""What a run leaves behind, and how spikes are counted on the way."""

from __future__ import annotations

from functools import cached_property

import numpy as np


def count_spikes(ops, code, spiked, step, steps):
    """`code` (N,) of a millisecond after step number `step` of its `steps`, `spiked` being 1.0 where a cell did.

    A code is steps * (number of spikes) + (step of the first): one number a cell, exact in float32 to 4,000 steps.
    """
    return code + spiked * (steps + ops.where(code > 0.0, 0.0, step))


class Run:
    """The result of `program.run`; all arrays in the backend's precision unless said otherwise.

    state   (states, N) at the end
    first   (states, N) after the first millisecond; None if not recorded
    trace   (milliseconds + 1, N) of the membrane potential in mV, the first row being the start; None if not recorded
    codes   (milliseconds, N) of the spikes, see `count_spikes`; None if not recorded
    every   milliseconds between two rows of the trace: 1, unless it comes from a file that keeps fewer
    """

    def __init__(self, state, first=None, trace=None, codes=None, *, steps=1, spikes_at=1, every=1):
        self.state, self.first, self.trace, self.every = state, first, trace, every
        self.codes, self.steps, self.spikes_at = codes, steps, spikes_at

    def head(self, milliseconds):
        """The first so many milliseconds of a recorded run, with its last state."""
        return Run(
            self.state,
            self.first,
            self.trace[: milliseconds // self.every + 1],
            self.codes[:milliseconds],
            steps=self.steps,
            spikes_at=self.spikes_at,
            every=self.every,
        )

    @classmethod
    def joined(cls, pieces):
        """One recorded run from those that it was run in, one going on where the one before ended."""
        first, last = pieces[0], pieces[-1]
        trace = np.concatenate([first.trace, *(piece.trace[1:] for piece in pieces[1:])])
        codes = np.concatenate([piece.codes for piece in pieces])
        return cls(last.state, first.first, trace, codes, steps=first.steps, spikes_at=first.spikes_at)

    @cached_property
    def spikes(self):
        """(milliseconds, N) integers: spikes in each millisecond, counted at every step; None if not recorded."""
        return None if self.codes is None else (self.codes // self.steps).astype(np.int32)

    @cached_property
    def spike_times(self):
        """(milliseconds, N) ms since the run's start: first of each millisecond, else NaN; None if not recorded."""
        if self.codes is None:
            return None
        milliseconds = np.arange(len(self.codes))[:, None]
        times = milliseconds + (self.codes % self.steps + float(self.spikes_at)) / self.steps
        return np.where(self.codes > 0, times, np.nan)
