"""How a network is run, whatever runs it: the settings that go whole through programs, workers and exported files."""

from __future__ import annotations

from dataclasses import InitVar, asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from model.checks import one_of
from model.coupling import FORMULATIONS
from model.kernels import DT, RATES, Kernel
from model.kernels.accumulation import ACCUMULATIONS


@dataclass(frozen=True)
class Settings:
    """Settings that fit a kernel, which they are checked against once and do not keep.

    coupling      a name in `FORMULATIONS`; None for the best where it is run, and where nothing is connected
    rates         "safe" or "published", see `model.kernels.rates`
    dt            step; of kernels in ms 1 / dt must be an integer, and a kernel that is a map per step has its own
    accumulation  "plain", or "compensated": what additions to the state lose is added later; not for a map

    Raises ValueError for anything else.
    """

    kernel: InitVar[Kernel]
    coupling: str | None = None
    rates: str = "safe"
    dt: float = DT
    accumulation: str = "plain"

    def __post_init__(self, kernel: Kernel) -> None:
        one_of("rates", self.rates, RATES)
        one_of("accumulation", self.accumulation, ACCUMULATIONS)
        if self.accumulation == "compensated" and kernel.map_dt is not None:
            raise ValueError(
                f"accumulation is 'compensated': expected 'plain' for {kernel.name}, whose state is not accumulated"
            )
        if self.coupling is not None:
            one_of("coupling", self.coupling, FORMULATIONS)
        steps_per_millisecond(self.dt, kernel)

    @property
    def steps_per_ms(self) -> int:
        """Steps in a millisecond, or in what stands for one where the kernel's unit of time is another."""
        return max(1, round(1.0 / self.dt))

    def but(self, kernel: Kernel, **changes: Any) -> Settings:  # of whatever type the fields are
        """Settings like these, some of them replaced, checked anew."""
        return replace(self, kernel=kernel, **changes)

    def facts(self) -> dict[str, Any]:  # of whatever type the fields are
        """The settings as records and exported files have them: by name, the step as `dt_ms`."""
        return dict(zip(self.recorded(), asdict(self).values()))

    @classmethod
    def recorded(cls) -> tuple[str, ...]:
        """The names of all settings in records and exported files."""
        return tuple("dt_ms" if field.name == "dt" else field.name for field in fields(cls))


def steps_per_millisecond(dt: Any, kernel: Kernel) -> int:  # it is looked at here
    """Number of steps of `dt` in a millisecond, for a kernel that may be run with that step.

    That they fill it is a rule of kernels in ms. Of another unit of time a "millisecond" is so many steps as come
    closest to it, and one at least.
    """
    number = isinstance(dt, (int, float)) and not isinstance(dt, bool)
    if kernel.time != "ms":
        if not number or not 1e-6 <= dt < np.inf:
            raise ValueError(f"dt is {dt!r}: expected a step of {kernel.name}, a number from 1e-6")
        return max(1, round(1.0 / dt))
    if not number or not (1e-6 <= dt <= 1.0):
        raise ValueError(f"dt is {dt!r}: expected a step in ms, from 1e-6 to 1")
    steps = round(1.0 / dt)
    if abs(1.0 / dt - steps) > 1e-9:
        raise ValueError(f"dt is {dt!r}: expected a step that divides a millisecond, such as 0.025")
    if kernel.map_dt not in (None, dt):
        raise ValueError(f"dt is {dt!r}: expected {kernel.map_dt} for {kernel.name}, which is a map per step")
    return steps
