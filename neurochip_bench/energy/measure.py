"""The energy of a run: a baseline at rest, then a window of the same run repeated."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Callable

from neurochip_bench.energy.meter import Meter, MeterError
from neurochip_bench.energy.sampler import Energy, Sampler

WINDOW_S = 5.0  # at least: NVML's counter moves every 100 ms, its power is an average over a second
IDLE_S = 5.0
SETTLE_S = 2.0  # clocks and averages take that long to come down
TRIAL_S, TRIALS = 1.0, 2  # what runs take, and their least number, that tell how many make a window
MARGIN = 1.5  # for runs that turn out faster


@dataclass(frozen=True)
class Measured:
    """What a window of `repeats` runs took from a device; powers are means.

    counter_j, integral_j  what the counter counted and the integral of the power, None where there is no such thing
    """

    meter: str
    scope: str
    idle_w: float
    power_w: float
    window_s: float
    repeats: int
    counter_j: float | None
    integral_j: float | None

    @property
    def run_j(self) -> float:
        """Joules of a run."""
        return self.power_w * self.window_s / self.repeats

    @property
    def net_run_j(self) -> float:
        """Joules of a run beyond what the device takes at rest."""
        return (self.power_w - self.idle_w) * self.window_s / self.repeats


def measure(
    meter: Meter,
    run: Callable[[], object],
    repeat: Callable[[int], object],
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
) -> Measured:
    """The `Measured` energy of a run, by an open meter.

    run     runs once; called until it is known how many runs make a window
    repeat  runs so many times: the window

    Takes about 16 s, or three to four runs if they are longer. Raises MeterError where readings fail or cannot be true,
    and where running takes no more power than rest: something else used the device.
    """
    sleep(SETTLE_S)
    idle = used(meter, lambda: sleep(IDLE_S), clock)
    repeats = math.ceil(WINDOW_S * MARGIN / fastest(run, clock))
    load = used(meter, lambda: repeat(repeats), clock)
    if load.seconds < WINDOW_S:
        raise MeterError(f"{repeats} runs took {load.seconds:.3g} s: expected {WINDOW_S:g} s at least, measure again")
    if not load.watts > idle.watts:
        raise MeterError(
            f"{meter.name} says {load.watts:.4g} W while running and {idle.watts:.4g} W at rest: expected more while "
            "running, so something else used the device"
        )
    powers = idle.watts, load.watts, load.seconds
    return Measured(meter.name, meter.scope, *powers, repeats, load.counted_j, load.integral_j)


def used(meter: Meter, action: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> Energy:
    """The `Energy` used while an action runs."""
    with Sampler(meter, clock) as sampler:
        action()
    return sampler.energy


def fastest(run: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds of the fastest of `TRIALS` runs, or of those that start within `TRIAL_S` if these are more."""
    ends = [clock()]
    while len(ends) <= TRIALS or ends[-1] < ends[0] + TRIAL_S:
        run()
        ends.append(clock())
    return min(after - before for before, after in zip(ends, ends[1:]))
