"""Readings of a meter while something runs: what its counters count, and the integral of its power."""

from __future__ import annotations

import threading
import time
from typing import Callable, NamedTuple

import numpy as np

from neurochip_bench.energy.meter import Counter, Meter, MeterError, Reading

FEWEST = 3  # readings of the power that an integral needs


class Energy(NamedTuple):
    """What was used in some seconds, in joules; None where the meter does not count, or does not tell power."""

    seconds: float
    joules: float  # what was counted, or the integral where nothing counts
    counted_j: float | None
    integral_j: float | None

    @property
    def watts(self) -> float:
        """The mean power."""
        return self.joules / self.seconds


class Sampler:
    """Reads an open meter from a thread while its context lasts; `energy` tells the result afterwards.

    Counters are read at both ends and often enough in between not to miss a turn. Power is not read at the ends, where
    the device is idle: the mean over the readings within stands for the whole.
    """

    def __init__(self, meter: Meter, clock: Callable[[], float] = time.perf_counter) -> None:
        self.meter, self._clock = meter, clock
        self._stop, self._thread = threading.Event(), threading.Thread(target=self._sample, daemon=True)
        self._powers: list[tuple[float, float]] = []  # (seconds, watts)
        self._error: Exception | None = None

    def __enter__(self) -> Sampler:
        """Start to read."""
        first = self.meter.read().counters if self.meter.spans else ()
        self._counters = [Counter(number, span) for number, span in zip(first, self.meter.spans)]
        self._start = self._clock()
        self._thread.start()
        return self

    def __exit__(self, kind: object, *exception: object) -> None:
        """Stop; raises what a reading raised, unless something else went wrong first."""
        self._end = self._loaded_until = self._clock()
        self._stop.set()
        self._thread.join()
        if kind is not None:
            return
        if self._error:
            raise self._error
        if self._counters:
            self._count(self.meter.read())
            self._end = self._clock()

    @property
    def energy(self) -> Energy:
        """The `Energy` used in the context; raises MeterError if it is not above 0 or there were too few readings."""
        counted = sum(counter.total for counter in self._counters) * self.meter.unit_j if self._counters else None
        seconds, integral = self._end - self._start, self._integral()
        joules = integral if counted is None else counted
        if joules is None:
            raise MeterError(
                f"{self.meter.name} told the power {len(self._powers)} times in {seconds:.3g} s: "
                f"expected {FEWEST} times at least"
            )
        if not joules > 0:
            raise MeterError(f"{self.meter.name} says {joules:g} J in {seconds:.3g} s: expected above 0")
        return Energy(seconds, joules, counted, integral)

    def _sample(self) -> None:
        try:
            while not self._stop.wait(self.meter.interval_s):
                before = self._clock()
                reading = self.meter.read()
                self._count(reading)
                if reading.watts is not None:
                    self._powers.append(((before + self._clock()) / 2, reading.watts))
        except Exception as error:  # of any kind: the other thread raises it again
            self._error = error

    def _count(self, reading: Reading) -> None:
        for counter, number in zip(self._counters, reading.counters):
            counter.update(number)

    def _integral(self) -> float | None:
        within = [(time, watts) for time, watts in self._powers if time <= self._loaded_until]
        if len(within) < FEWEST:
            return None
        times, watts = np.array(within).T
        mean = np.sum((watts[1:] + watts[:-1]) / 2 * np.diff(times)) / (times[-1] - times[0])
        return float(mean) * (self._end - self._start)
