"""What arrays are called in signatures; their shapes and units stand in the docstrings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Tuple, Union

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]
    Reals = Union[Floats, Singles]  # in a backend's precision
    Integers = NDArray[np.int64]
    Codes = NDArray[np.int32]  # spikes, or places in the arrays of a coupling
    Booleans = NDArray[np.bool_]
    Arrays = Tuple[Union[Floats, Codes], ...]  # of a coupling, as they are laid out
    Precision = np.dtype[Any]  # of any width: which one is known when a program is prepared
else:  # NumPy before 1.21, which vendors' Pythons have, knows no NDArray
    Floats = Singles = Reals = Integers = Codes = Booleans = np.ndarray
    Arrays = tuple
    Precision = np.dtype

Array = Any  # of whatever library the named operations belong to: an array, a tensor, a tracer, or a number
