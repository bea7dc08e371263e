"""What a run leaves behind, and how spikes are counted on the way."""

from __future__ import annotations

from functools import cached_property
from typing import Sequence, cast

import numpy as np

from model.arrays import Array, Codes, Floats, Reals
from model.operations import Operations


def count_spikes(ops: Operations, code: Array, spiked: Array, number: Array, steps_per_ms: float) -> Array:
    """`code` (N,) of a millisecond after step `number` of it, from 0, `spiked` being 1.0 where a cell did.

    A code is steps_per_ms * (number of spikes) + (number of the step of the first): one number a cell, exact in
    float32 to 4,000 steps.
    """
    return code + spiked * (steps_per_ms + ops.where(code > 0.0, 0.0, number))


class Run:
    """The result of `program.run`; all arrays in the backend's precision unless said otherwise.

    state   (states, N) at the end
    first   (states, N) after the first millisecond; None if not recorded
    trace   (milliseconds + 1, N) of the membrane potential in mV, the first row being the start; None if not recorded
    codes   (milliseconds, N) of the spikes, see `count_spikes`; None if not recorded
    steps_per_ms, spikes_at   what the codes count with, see `count_spikes` and `Kernel.spikes_at`
    every   milliseconds between two rows of the trace: 1, unless it comes from a file that keeps fewer

    What may be None is typed as what it is of a recorded run: nearly all who read it have recorded theirs.
    """

    first: Reals
    trace: Reals
    codes: Codes

    def __init__(
        self,
        state: Reals,
        first: Reals | None = None,
        trace: Reals | None = None,
        codes: Codes | None = None,
        *,
        steps_per_ms: int = 1,
        spikes_at: int = 1,
        every: int = 1,
    ) -> None:
        self.state, self.steps_per_ms, self.spikes_at, self.every = state, steps_per_ms, spikes_at, every
        self.first, self.trace, self.codes = cast("Reals", first), cast("Reals", trace), cast("Codes", codes)

    def head(self, milliseconds: int) -> Run:
        """The first so many milliseconds of a recorded run, with its last state."""
        trace, codes = self.recorded()
        kept = {"steps_per_ms": self.steps_per_ms, "spikes_at": self.spikes_at, "every": self.every}
        return Run(self.state, self.first, trace[: milliseconds // self.every + 1], codes[:milliseconds], **kept)

    def recorded(self) -> tuple[Reals, Codes]:
        """(trace, codes) of a recorded run; raises ValueError for another."""
        if self.trace is None or self.codes is None:
            raise ValueError("run is not recorded: expected one with its trace and its spikes")
        return self.trace, self.codes

    @classmethod
    def joined(cls, pieces: Sequence[Run]) -> Run:
        """One recorded run from those that it was run in, one going on where the one before ended."""
        first, last = pieces[0], pieces[-1]
        traces, codes = zip(*(piece.recorded() for piece in pieces))
        trace = np.concatenate([traces[0], *(later[1:] for later in traces[1:])])
        kept = {"steps_per_ms": first.steps_per_ms, "spikes_at": first.spikes_at}
        return cls(last.state, first.first, trace, np.concatenate(codes), **kept)

    @cached_property
    def spikes(self) -> Codes:
        """(milliseconds, N) integers: spikes in each millisecond, counted at every step; None if not recorded."""
        return cast("Codes", None) if self.codes is None else (self.codes // self.steps_per_ms).astype(np.int32)

    @cached_property
    def spike_times(self) -> Floats:
        """(milliseconds, N) ms since the run's start: first of each millisecond, else NaN; None if not recorded."""
        if self.codes is None:
            return cast("Floats", None)
        milliseconds = np.arange(len(self.codes))[:, None]
        times = milliseconds + (self.codes % self.steps_per_ms + float(self.spikes_at)) / self.steps_per_ms
        return np.where(self.codes > 0, times, np.nan)
