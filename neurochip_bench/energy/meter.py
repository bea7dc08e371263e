"""What all meters share: they count joules or tell watts, or say in one sentence why they cannot."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import NamedTuple


class MeterError(RuntimeError):
    """Nothing was measured; the message is one sentence for the user."""


class Reading(NamedTuple):
    """What a meter says at one time: its counters in units of `Meter.unit_j`, and watts; either may be missing."""

    counters: tuple[int, ...] = ()
    watts: float | None = None


class Meter(ABC):
    """A source of readings, open as long as its context lasts.

    name, scope   what is read, and what it is the energy of: a "board", a "package" or a "chip"
    unit_j        joules in a unit of its counters
    spans         per counter the units after which it starts again from 0, None if it never does
    interval_s    seconds between readings
    pid           the process whose device is meant, where there are several
    """

    name: str
    scope: str
    unit_j = 1.0
    spans: tuple[int | None, ...] = ()
    interval_s = 1.0

    def __init__(self, pid: int | None = None) -> None:
        self.pid = pid

    @classmethod
    def missing(cls) -> str | None:
        """None if a first reading succeeds, or one sentence that says why not."""
        try:
            with cls() as meter:
                meter.read()
        except MeterError as error:
            return str(error)
        return None

    def __enter__(self) -> Meter:
        """The meter, open; raises MeterError where there is nothing to read."""
        self.open()
        return self

    def __exit__(self, *exception: object) -> None:
        """Close it."""
        self.close()

    @abstractmethod
    def open(self) -> None:
        """Find what is read; raises MeterError."""

    def close(self) -> None:  # noqa: B027 - most have nothing to give back
        """Give back what `open` took."""

    @abstractmethod
    def read(self) -> Reading:
        """A `Reading`; raises MeterError."""


def positive_watts(name: str, watts: float) -> float:
    """Watts, if they can be: above 0 and finite."""
    if not (math.isfinite(watts) and watts > 0):
        raise MeterError(f"{name} says {watts:g} W: expected a power above 0")
    return watts


class Counter:
    """The units that a counter advances by, over any number of its own turns.

    `update` has to be called at least once a turn: of two turns in between nobody can tell.
    """

    def __init__(self, first: int, span: int | None = None) -> None:
        self.total, self._last, self._span = 0, first, span

    def update(self, now: int) -> None:
        """Take a reading; raises MeterError where a counter without a span goes backwards."""
        advance = now - self._last
        if advance < 0 and self._span is None:
            raise MeterError(f"a counter went back from {self._last} to {now}: expected one that only rises")
        self.total += advance if self._span is None else advance % self._span
        self._last = now
