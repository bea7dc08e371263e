"""Who watches what a row runs on: the counters of a processor, what a GPU says of its clocks, or nobody."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Sequence

import psutil

from neurochip_bench.energy import MeterError
from neurochip_bench.energy.nvml import Nvml
from neurochip_bench.suite.timing import clocks, reading
from neurochip_bench.suite.timing.evidence import Evidence, of_rounds
from neurochip_bench.suite.timing.reading import Spent

if TYPE_CHECKING:
    from neurochip_bench.backends import Backend
    from neurochip_bench.keep.record import Facts


class Observer:
    """Watches rounds on a device that tells nothing: their times alone speak."""

    def begin(self) -> None:
        """Forget all rounds before."""

    def before(self) -> None:
        """Read, right before a round."""

    def after(self) -> None:
        """Read, right after a round."""

    def evidence(self, seconds: Sequence[float]) -> Evidence:
        """The `Evidence` of the rounds since `begin`, which took so many seconds."""
        return of_rounds(seconds)

    def state(self) -> Facts:
        """What else is known of the device now, as fields of a record."""
        return {}


class Processor(Observer):
    """Watches rounds of this process on the cores of this machine."""

    def begin(self) -> None:
        """Forget all rounds before."""
        self._spent: list[Spent] = []

    def before(self) -> None:
        """Read the system's counters."""
        self._before = reading.before()

    def after(self) -> None:
        """Read them again."""
        self._spent.append(reading.between(self._before, reading.after()))

    def evidence(self, seconds: Sequence[float]) -> Evidence:
        """The `Evidence` of the counters and of the times."""
        return of_rounds(seconds, self._spent, os.cpu_count() or 1)

    def state(self) -> Facts:
        """Load, frequency, and whether a battery feeds it."""
        return {"load": psutil.getloadavg()[0], "clock_mhz": clock_mhz(), "on_battery": on_battery()}


class Gpu(Observer):
    """Watches rounds on an NVIDIA GPU: CPU time says nothing of them, its clocks do."""

    def __init__(self, told: clocks.Clocks) -> None:
        self._clocks = told

    def begin(self) -> None:
        """Forget all rounds before."""
        self._slowed: list[str] = []

    def after(self) -> None:
        """Read what holds the clocks back, while the GPU is not yet at rest."""
        with suppress(MeterError):  # a driver that goes away ends no row
            self._slowed += filter(None, [self._clocks.slowed_by()])

    def evidence(self, seconds: Sequence[float]) -> Evidence:
        """The `Evidence` of the clocks and of the times."""
        return of_rounds(seconds, slowed_by=next(iter(self._slowed), None))

    def state(self) -> Facts:
        """The clock."""
        with suppress(MeterError):
            return {"clock_mhz": self._clocks.clock_mhz()}
        return {}


def observer_of(backend: Backend) -> Observer:
    """The observer of what a backend's programs run on."""
    if backend.timed and not backend.on.accelerator and backend.program.here:
        return Processor()
    alone = backend.program.processes == 1  # else each would decide for itself whether to time anew
    told = _clocks() if backend.on.meter == Nvml.name and alone else None
    return Observer() if told is None else Gpu(told)


@lru_cache(maxsize=None)
def _clocks() -> clocks.Clocks | None:
    """The clocks of the GPU, open for the session, or None."""
    return clocks.opened()


def clock_mhz() -> float | None:
    """The processor's frequency now, where the system tells it."""
    with suppress(OSError, AttributeError, NotImplementedError):
        found = psutil.cpu_freq()
        return found.current if found else None
    return None


def on_battery() -> bool | None:
    """Whether a battery feeds the machine; None where there is none."""
    with suppress(OSError, AttributeError, NotImplementedError):
        found = psutil.sensors_battery()
        return None if found is None or found.power_plugged is None else not found.power_plugged
    return None
