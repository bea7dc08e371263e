"""The ids of cells in files: whole numbers of any type, from 0 or, where that is said, from another first one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

import numpy as np

from model.arrays import Integers

if TYPE_CHECKING:
    from numpy.typing import NDArray

Place = Callable[[int], str]  # of an entry's number to what a person finds it by, such as "mine.csv, line 18: pre"


def first_id(file: str, sources: Integers, targets: Integers, said: int | None) -> int:
    """The id of the first cell, which is 0 if the file says no other.

    Ids that start at 1 would join the wrong cells, and nobody would see it unless one of them equals N. So where none
    is 0 the file has to say which it is: raises ValueError.
    """
    if said is not None or not len(sources):
        return said or 0
    both = np.concatenate([sources, targets])
    if both.min() <= 0:  # what is below is refused by `places`, with its place
        return 0
    raise ValueError(
        f"{file}: ids of cells go from {both.min()} to {both.max()}, none is 0: expected first_id to say "
        "whether the first cell is 0 or 1"
    )


def whole(values: NDArray[Any], place: Place) -> Integers:  # any type of number, as a file has it
    """Ids (E,) as integers, however a file or its reader wrote them: 17.0 is 17, and 17.5 a ValueError."""
    if values.ndim != 1 or values.dtype.kind not in "iuf":
        raise ValueError(f"{place(0)} begins {values.dtype} of shape {values.shape}: expected one id per connection")
    exact = 2.0**53 if values.dtype.kind == "f" else 2.0**63  # below which no two ids are one number
    bad = np.flatnonzero(~np.isfinite(values) | (values != np.floor(values)) | (np.abs(values) >= exact))
    if len(bad):
        raise ValueError(f"{place(int(bad[0]))} is {values[bad[0]]}: expected a cell's id, a whole number")
    return values.astype(np.int64)


def places(ids: Integers, cells: int, first: int, place: Place, sayable: bool = True) -> Integers:
    """Indices from 0 of the cells that have these ids; raises ValueError for an id that no cell has.

    sayable  whether a file of the form may say a `first_id`
    """
    bad = np.flatnonzero((ids < first) | (ids >= first + cells))
    if len(bad):
        wrong = ids[bad[0]]
        hint = "; ids that start at 1 need first_id 1" if sayable and first == 0 and wrong == cells else ""
        raise ValueError(
            f"{place(int(bad[0]))} is {wrong}: expected a cell's id, from {first} to {first + cells - 1}{hint}"
        )
    return ids - first
