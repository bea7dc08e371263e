"""Who judges what NumPy is too slow for: a float64 backend, of another library than the judged where one is here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from model.arrays import Reals
from model.network import Network
from neurochip_bench.accuracy.yardsticks import WINDOWS
from neurochip_bench.backends import BACKENDS
from neurochip_bench.run import Run

if TYPE_CHECKING:
    from neurochip_bench.backends import Backend

FLOAT64 = ("jax-gpu-f64", "jax-cpu-f64", "tensorflow-cpu-f64")
FLOAT32 = "numpy-cpu-f32"  # whose rounding errors count where no other library is there
AGREED_MV = 1e-6  # rounding errors of float64 grow to some 1e-9 mV in a second
CELL_MILLISECONDS = 250_000  # what NumPy may take: about ten seconds for the inferior olive
WHOLE = max(WINDOWS)  # ms


class Judged(NamedTuple):
    """What is judged: a network under a stimulus, which `name` tells from others, see `digest`, and who ran it.

    backend   None where any library may judge
    seconds   that the row's own rounds took: what judging adds is bounded by that
    """

    name: str
    network: Network
    stimulus: Reals | None
    backend: Backend | None
    seconds: float

    def applied(self, milliseconds: int) -> Reals | None:
        """The stimulus of the first milliseconds."""
        return None if self.stimulus is None else self.stimulus[:milliseconds]


def window(cells: int) -> int:
    """The first milliseconds of a run that NumPy judges: the most that it does in time, at least one."""
    return max(w for w in WINDOWS if w * cells <= CELL_MILLISECONDS or w == min(WINDOWS))


def judges(judged: Backend | None) -> list[str]:
    """Ids of the float64 backends that are here: of another library first, and on a GPU where the row ran on one."""
    library, mark = (judged.library, judged.mark) if judged else (None, "cpu")
    here = [name for name in FLOAT64 if BACKENDS[name].mark in (mark, "cpu") and BACKENDS[name].missing() is None]
    return sorted(here, key=lambda name: BACKENDS[name].library == library)


def float32_beside(by: str, judged: Backend | None) -> str:
    """Id of the float32 backend that tells how far rounding goes: the judge's, unless its library is the one judged."""
    judge = BACKENDS[by]
    return FLOAT32 if judged and judge.library == judged.library else f"{judge.library}-{judge.device}-f32"


def agree(run: Run, truth: Run) -> bool:
    """Whether two recorded float64 runs differ in nothing but rounding."""
    (trace, codes), (true_trace, true_codes) = run.recorded(), truth.recorded()
    return bool(np.abs(trace - true_trace).max() <= AGREED_MV and np.array_equal(codes, true_codes))
