"""Checks of what users hand in; each raises a ValueError that names the thing, what came and what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Collection, Dict, Iterable, Mapping, Tuple, TypeVar

import numpy as np

from model.arrays import Floats, Integers, Precision, Reals

if TYPE_CHECKING:
    from numpy.typing import NDArray

Item = TypeVar("Item")
Shape = Tuple[int, ...]

DTYPES: dict[str, Precision] = {
    "f32": np.dtype(np.float32),
    "f64": np.dtype(np.float64),
    "tf32": np.dtype(np.float32),
}  # by precision


class Named(Dict[str, Item]):
    """A mapping of names, in order; an unknown one is a ValueError that lists the known."""

    def __init__(self, what: str, items: Mapping[str, Item]) -> None:
        super().__init__(items)
        self._what = what

    def __missing__(self, name: str) -> Item:
        """Raise the ValueError."""
        raise _unknown(self._what, name, self)


class Registry(Named[Item]):
    """Named things of this project, `own` by name, to which others can be added."""

    def __init__(self, what: str, items: Mapping[str, Item]) -> None:
        super().__init__(what, items)
        self.own: Tuple[str, ...] = tuple(items)

    def register(self, name: str, item: Item) -> str:
        """Add a thing; returns its name, and raises ValueError for one that is known."""
        if dict.__contains__(self, name):  # asked of a registry that looks for more when it is read
            raise ValueError(f"{name!r} is known already, expected another name")
        self[name] = item
        return name


def yes_or_no(what: str, value: object) -> bool:
    """`value` if it is True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{what} is {value!r}: expected True or False")
    return bool(value)


def one_of(what: str, name: object, known: Collection[str]) -> str:
    """`name` if it is among the names `known`."""
    if not isinstance(name, str) or name not in known:
        raise _unknown(what, name, known)
    return name


def whole_number(what: str, value: Any, least: int, most: int | None = None) -> int:  # it is looked at here
    """`value` as an int from `least` to `most`, if there is a most."""
    whole = isinstance(value, (int, np.integer)) or (isinstance(value, (float, np.floating)) and value.is_integer())
    if not whole or isinstance(value, bool) or value < least:
        raise ValueError(f"{what} is {value!r}: expected a whole number of at least {least}")
    if most is not None and value > most:
        raise ValueError(f"{what} is {value!r}: expected at most {most}")
    return int(value)


def narrowed(what: str, array: Floats, dtype: Precision | type[np.float32]) -> Reals:
    """A finite array in a backend's floating-point type, in which it has to be finite still."""
    with np.errstate(over="ignore"):
        narrow = array.astype(dtype)
    if not np.isfinite(narrow).all():
        largest = np.abs(array).max()
        raise ValueError(f"{what} holds {largest:.3g}: expected numbers that {np.dtype(dtype).name} can hold")
    return narrow


def not_ragged(what: str, values: object, expected: str) -> NDArray[Any]:  # whatever was handed in
    """`values` as an array of any type."""
    try:
        return np.asarray(values)
    except ValueError:
        raise ValueError(f"{what} is ragged: expected {expected}") from None


def finite_array(what: str, values: object, shapes: Collection[Shape]) -> Floats:
    """`values` as a float64 array that has one of `shapes` and holds finite numbers only."""
    array = not_ragged(what, values, f"an array of shape {_either(shapes)}")
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{what} has type {array.dtype}: expected real numbers")
    if array.shape not in shapes:
        raise ValueError(f"{what} has shape {array.shape}: expected {_either(shapes)}")
    array = array.astype(np.float64)
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        where = tuple(int(i) for i in bad[0])
        place = f" at {where}" if where else ""
        raise ValueError(f"{what} holds {array[where]}{place}: expected finite numbers")
    return array


def indices(what: str, values: object, cells: int) -> Integers:
    """`values` as a one-dimensional int64 array of cell indices in [0, cells)."""
    array = not_ragged(what, values, "one dimension, an index per connection")
    if array.size == 0:
        array = array.astype(np.int64)
    if array.ndim != 1:
        raise ValueError(f"{what} has shape {array.shape}: expected one dimension, an index per connection")
    if array.dtype.kind not in "iu":
        raise ValueError(f"{what} has type {array.dtype}: expected integers")
    if array.size and not (array.min() >= 0 and array.max() < cells):
        worst = array.min() if array.min() < 0 else array.max()
        raise ValueError(f"{what} holds {worst}: expected cell indices from 0 to {cells - 1}")
    return array.astype(np.int64)


def _unknown(what: str, name: object, known: Iterable[str]) -> ValueError:
    return ValueError(f"unknown {what} {name!r}: expected one of {', '.join(known)}")


def _either(shapes: Collection[Shape]) -> str:
    return " or ".join(str(shape) if shape else "a scalar" for shape in shapes)
