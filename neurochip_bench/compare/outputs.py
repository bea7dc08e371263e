"""Final states of two sides: are they the same, bit by bit, or how far apart?"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from neurochip_bench.compare.errors import CompareError
from neurochip_bench.compare.match import Pair
from neurochip_bench.compare.side import Side
from neurochip_bench.keep.outputs import folder_of, path_of

PROCESSES = 2  # of each side keep their outputs: a second one tells whether a side repeats itself

State = NDArray[np.floating[Any]]  # (states, cells), in whichever precision a backend has


@dataclass(frozen=True)
class Apart:
    """How far two final states are apart.

    share      of the numbers that differ in any bit; None where dtypes or shapes differ
    potential  largest difference in mV of the potentials; infinite where one side alone is finite
    repeats    whether each side gave the same bits twice; None where it ran once
    """

    share: float | None
    potential: float
    repeats: bool | None = None

    def __str__(self) -> str:
        if self.share is None:
            return "another dtype or shape"
        again = "" if self.repeats is not False else ", not the same twice"
        if self.share == 0.0:
            return f"same bits{again}"
        return f"{self.share:.0%} differ, {self.potential:.2g} mV{again}"


def compare_outputs(base: Side, new: Side, pairs: Iterable[Pair]) -> dict[str, Apart]:
    """An `Apart` by the id of each row whose final state both sides kept."""
    before, after = ([folder_of(run.path) for run in side.runs] for side in (base, new))
    found = {}
    for pair in pairs:
        if pair.sides is not None and not pair.other_network:
            old, now = states(before, pair.sides[0].id), states(after, pair.sides[1].id)
            if old and now:
                found[pair.row.id] = apart(old, now)
    return found


def states(folders: Sequence[Path], row_id: str) -> list[State]:
    """The final states of a row in the folders that have it."""
    kept = (folder for folder in folders if folder.is_dir())
    return [read(path_of(folder, row_id)) for folder in kept if path_of(folder, row_id).is_file()]


def read(path: Path) -> State:
    """The state in a file; raises CompareError where it cannot be read."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            state = stored["state"]
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise CompareError(f"{path}: is no output of a row: {error}") from error
    if state.ndim != 2 or state.dtype.kind != "f":
        raise CompareError(f"{path}: its state is {state.dtype} {state.shape}: expected floats (states, cells)")
    return state


def apart(old: Sequence[State], now: Sequence[State]) -> Apart:
    """The `Apart` of two sides' states: of their first ones, and whether the others of a side are the same."""
    again = [same_bits(side[0], other) for side in (old, now) for other in side[1:]]
    repeats = all(again) if again else None
    a, b = old[0], now[0]
    if (a.dtype, a.shape) != (b.dtype, b.shape):
        return Apart(None, float("inf"), repeats)
    with np.errstate(invalid="ignore"):
        differences = np.where(bits(a[0]) == bits(b[0]), 0.0, np.abs(a[0].astype(float) - b[0].astype(float)))
    largest = float(np.max(np.where(np.isnan(differences), np.inf, differences), initial=0.0))
    return Apart(float(np.mean(bits(a) != bits(b))), largest, repeats)


def bits(state: State) -> NDArray[np.unsignedinteger[Any]]:  # as wide as the floats
    """The bits of floats as integers: NaN equals NaN, and 0 is not -0."""
    return np.ascontiguousarray(state).view(f"u{state.dtype.itemsize}")


def same_bits(a: State, b: State) -> bool:
    """Whether two states are the same in dtype, shape and every bit."""
    return a.dtype == b.dtype and a.shape == b.shape and bool(np.array_equal(bits(a), bits(b)))
