"""Networks in NPZ files: arrays by the names of `Network`'s arguments. Nothing is pickled, in either direction."""

from __future__ import annotations

import os
import shutil
import zlib
from typing import IO, TYPE_CHECKING, Any, Dict, Tuple, Union
from zipfile import BadZipFile

import numpy as np

from model.network import ids
from model.network.assemble import kernel_of, made
from model.network.network import Network

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

File = Union[str, "os.PathLike[str]", IO[bytes]]
Arrays = Dict[str, Any]  # arrays of any type, as a file has them
Read = Tuple[Network, Arrays]

PARAMETER = "parameters."  # before the name of one
EDGES = ("sources", "targets")
NAMES = (
    "kernel", "cells", "state", *EDGES, "weights", "delays", "topology", "seed", "first_id", "stimulus", "milliseconds",
)  # fmt: skip


def save(network: Network, file: File, stimulus: ArrayLike | None = None, milliseconds: int | None = None) -> None:
    """Write a network, and what it is run with if that is given."""
    arrays: Arrays = {"kernel": network.kernel, "state": network.state, "weights": network.weights, "first_id": 0}
    arrays.update(sources=network.sources, targets=network.targets)
    arrays.update({f"{PARAMETER}{name}": value for name, value in network.parameters.items()})
    perhaps: Arrays = {"delays": network.delays, "topology": network.topology, "seed": network.seed}
    perhaps.update(stimulus=stimulus, milliseconds=milliseconds)
    arrays.update({name: value for name, value in perhaps.items() if value is not None})
    if not isinstance(file, (str, os.PathLike)):
        np.savez_compressed(file, **arrays)
    elif os.path.exists(file) and not os.path.isfile(file):  # a pipe, or /dev/null
        with open(file, "wb") as opened:  # NumPy would change the name
            np.savez_compressed(opened, **arrays)
    else:
        _replace(os.path.realpath(file), arrays)


def _replace(path: str, arrays: Arrays) -> None:
    """Write a file that has its name only once all of it is on the disk."""
    part = f"{path}.{os.getpid()}.part"
    try:
        with open(part, "xb") as opened:
            np.savez_compressed(opened, **arrays)
            opened.flush()
            os.fsync(opened.fileno())
        if os.path.exists(path):
            shutil.copymode(path, part)
        os.replace(part, path)
    finally:
        if os.path.exists(part):
            os.remove(part)


def load(path: str | os.PathLike[str], kernel: str | None = None, first_id: int | None = None) -> Read:
    """The network of an NPZ file, and all its arrays; `kernel` and `first_id` where the file does not say them.

    Raises ValueError, a sentence with file, place and value, for what is no such file or no such network.
    """
    file, arrays = os.fspath(path), _arrays(path)
    name = kernel_of(file, _word(file, arrays, "kernel"), kernel)
    parameters = {key[len(PARAMETER) :]: value for key, value in arrays.items() if key.startswith(PARAMETER)}
    cells = _cells(file, arrays, parameters)
    edges = _edges(file, arrays, cells, first_id)
    perhaps: Arrays = {"topology": _word(file, arrays, "topology"), "seed": number(file, arrays, "seed")}
    perhaps.update(parameters=parameters, weights=arrays.get("weights"), delays=arrays.get("delays"))
    return made(file, name, cells, edges, arrays.get("state"), **perhaps), arrays


def _arrays(path: str | os.PathLike[str]) -> Arrays:
    file = os.fspath(path)
    try:
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except OSError as error:
        raise ValueError(f"{file}: cannot be read: {error.strerror or error}") from None
    except (AttributeError, EOFError, KeyError, TypeError, ValueError, zlib.error, BadZipFile) as error:
        raise ValueError(f"{file}: is no NPZ file of plain arrays: {error}") from None
    unknown = [name for name in arrays if name not in NAMES and not name.startswith(PARAMETER)]
    if unknown:
        known = ", ".join((*NAMES, f"{PARAMETER}NAME"))
        raise ValueError(f"{file}: holds an array {unknown[0]!r}: expected some of {known}")
    for name in EDGES:
        if name not in arrays:
            raise ValueError(f"{file}: holds no {name!r}: expected sources and targets, an id each per connection")
    return arrays


def _cells(file: str, arrays: Arrays, parameters: Arrays) -> int:
    """How many cells there are, by the state, by what is said, or by a parameter that each has."""
    state, said = arrays.get("state"), number(file, arrays, "cells")
    if state is not None and state.ndim == 2:
        if said not in (None, state.shape[1]):
            raise ValueError(f"{file}: cells is {said}: expected {state.shape[1]}, as state has columns")
        return int(state.shape[1])
    found = next((len(value) for value in parameters.values() if value.ndim == 1), None) if said is None else said
    if found is None:
        raise ValueError(f"{file}: does not say how many cells there are: expected 'state' (states, N), or 'cells'")
    return found


def _edges(file: str, arrays: Arrays, cells: int, first: int | None) -> Any:  # a pair of Integers, which 3.8 cannot say
    def place(name: str) -> ids.Place:
        return lambda entry: f"{file}: {name}[{entry}]"

    raw: list[NDArray[Any]] = [np.asarray(arrays[name]) for name in EDGES]
    sources, targets = (
        ids.whole(array if array.size else array.astype(np.int64), place(n)) for n, array in zip(EDGES, raw)
    )
    said = number(file, arrays, "first_id")
    start = ids.first_id(file, sources, targets, first if said is None else said)
    return tuple(ids.places(found, cells, start, place(name)) for name, found in zip(EDGES, (sources, targets)))


def _word(file: str, arrays: Arrays, name: str) -> str | None:
    if name not in arrays:
        return None
    if arrays[name].shape or arrays[name].dtype.kind != "U":
        raise ValueError(f"{file}: {name} is {arrays[name].dtype} {arrays[name].shape}: expected a word")
    return str(arrays[name])


def number(file: str, arrays: Arrays, name: str) -> int | None:
    """A whole number that a file says; None where it does not."""
    if name not in arrays:
        return None
    array = arrays[name]
    if array.shape or array.dtype.kind not in "iuf" or not np.isfinite(array) or array != np.floor(array):
        raise ValueError(f"{file}: {name} is {array}: expected a whole number")
    return int(array)
