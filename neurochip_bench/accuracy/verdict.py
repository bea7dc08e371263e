"""Is the result right? A word, derived from the model's own errors.

Two yardsticks are taken once per kernel, connectivity and window from 64 cells, see `yardsticks` in this package: the
rounding floor F, how far correct float32 arithmetic strays from float64, and the discretisation error D, how far the
result moves when the step is halved. What is worst of many thousand cells may need the very network's: see `own`.

    faithful   every measure is at most 4 F: as good as float32 can be
    usable     every measure is at most the larger of 4 F and D / 2: the time step matters more than the hardware
    unusable   anything else, also a result that is not finite, not there or not of the right shape
    undefined  the float64 reference is not finite itself: nobody's fault
    unjudged   not compared yet

A synaptic current has a measure of its own: in the step in which a cell fires, the potential's own step error is a
hundred times what a lost synapse brings, and would hide it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Mapping

import numpy as np

from model.kernels import DT, Kernel
from neurochip_bench.accuracy.measures import measure
from neurochip_bench.accuracy.units import STANDARD, name_in
from neurochip_bench.run import Run

Yardsticks = Mapping[str, Mapping[str, float]]  # "floor" to F by measure, "step_error" to D by measure

FAITHFUL, USABLE, UNUSABLE, UNDEFINED, UNJUDGED = "faithful", "usable", "unusable", "undefined", "unjudged"
RIGHT = (FAITHFUL, USABLE)

ROUNDINGS = 8 * 2.0**-24  # eight float32 roundings, of a number of magnitude 1
OF_THE_SCALE = ("v1_mv", "vs_mv", "amplitude_mv")  # measures whose least F is so many roundings of the kernel's scale
LEAST_FLOOR = {  # F is never taken below these: a quarter step, a quarter spike, and what follows from them
    "spikes_unmatched": 0.25,
    "spike_shift_ms": DT / 4,
    "spikes_per_cell": 0.25,
    "spikes_total": 0.0,  # a quarter spike of 64 cells is in the stored yardstick
    "period_ms": DT / 4,
    "phase_rad": 2 * np.pi * (DT / 4) / 125,  # a quarter step of the inferior olive's period
}


def least_floor(measure: str, kernel: Kernel) -> float:
    """What F of a measure is never taken below, by the ranges that a kernel declares: io, hh and lif reach to 80 mV."""
    if measure in OF_THE_SCALE:
        return ROUNDINGS * kernel.scale
    if measure == "i1_ua":  # of a current in the middle of its range
        return ROUNDINGS * sum(kernel.ranges["I_syn"]) / 2
    return LEAST_FLOOR[measure]


def faithful_limit(floor: float) -> float:
    """The largest error of a measure that is faithful, of its floor F."""
    return 4 * floor


def usable_limit(floor: float, step_error: float) -> float:
    """The largest error of a measure that is usable, of its floor F and its step error D."""
    return max(faithful_limit(floor), step_error / 2)


@dataclass(frozen=True)
class Verdict:
    """A word, and the numbers behind it: errors, floors F and step errors D by measure."""

    word: str = UNJUDGED
    errors: Mapping[str, float] = field(default_factory=dict)
    floor: Mapping[str, float] = field(default_factory=dict)
    step_error: Mapping[str, float] = field(default_factory=dict)
    milliseconds: int = 0
    spikes: int = 0
    by: str | None = None  # id of the backend whose float64 run is the truth
    own: bool = False  # whether the very network's yardsticks decided, see `own` in this package
    units: str = STANDARD

    def explain(self) -> str:
        """One line: each measure with the largest error that is still faithful, and still usable."""
        parts, time = [], self.units.rpartition(", ")[2]
        for name, error in self.errors.items():
            limit, usable = faithful_limit(self.floor[name]), self.limit(name)
            parts.append(f"{name_in(self.units, name)} {error:.3g} (faithful to {limit:.3g}, usable to {usable:.3g})")
        by = f" by {self.by}" if self.by else ""
        own = " and the network's own yardsticks" if self.own else ""
        window = f"{self.milliseconds}{'' if time == '1' else f' {time}'}"
        return f"{self.word} over {window}{by}{own}: " + ", ".join(parts)

    def limit(self, name: str) -> float:
        """The largest error of a measure that is usable."""
        return usable_limit(self.floor[name], self.step_error[name])


def judge(run: Run, truth: Run, kernel: Kernel, yardsticks: Yardsticks, by: str | None = None) -> Verdict:
    """The `Verdict` on a run over the truth's window.

    run, truth   `Run`s from the same state, with the same stimulus
    yardsticks   F and D for this kernel, connectivity and window
    by           id of the backend that made the truth, for the record
    """
    errors = measure(run, truth, kernel)
    floor = {name: max(yardsticks["floor"][name], least_floor(name, kernel)) for name in errors}
    step_error = {name: yardsticks["step_error"][name] for name in errors}
    units = f"{kernel.unit}, {kernel.time}"
    verdict = Verdict(UNUSABLE, errors, floor, step_error, len(truth.spikes), int(truth.spikes.sum()), by, units=units)
    if not (np.isfinite(truth.trace).all() and np.isfinite(truth.first).all()):
        return replace(verdict, word=UNDEFINED)
    if all(error <= faithful_limit(floor[name]) for name, error in errors.items()):
        return replace(verdict, word=FAITHFUL)
    if all(error <= verdict.limit(name) for name, error in errors.items()):
        return replace(verdict, word=USABLE)
    return verdict
