"""Networks in CSV files: `mine.csv` has a line per connection, and `mine.cells.csv`, if it is there, one per cell.

Connections have the columns pre, post and, if wanted, weight and delay; cells an id, if wanted, and any parameters and
states of the kernel. Weights are in the kernel's unit, delays in ms. What else is to be said stands above the columns:

    # kernel: hh
    # first_id: 1
"""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Dict, List, NamedTuple

import numpy as np

from model.arrays import Floats, Integers
from model.kernels import KERNELS, Kernel
from model.network import ids
from model.network.assemble import kernel_of, made
from neurochip_bench.networks.given import Given, run_length

ENDS = ("pre", "post")
OF_EDGES = (*ENDS, "weight", "delay")
SAID = ("kernel", "cells", "first_id", "milliseconds")
SPARSE = 1000  # times the cells that have a connection, beyond which an id is a name and no number


class Table(NamedTuple):
    """A file's columns by name, the number of each line, and what stands above them."""

    file: str
    columns: Dict[str, List[str]]
    lines: List[int]
    said: Dict[str, str]

    def place(self, column: str) -> ids.Place:
        """Where an entry of a column stands."""
        return lambda entry: f"{self.file}, line {self.lines[entry] if self.lines else 1}: {column}"

    def numbers(self, column: str) -> Floats:
        """A column's numbers; raises ValueError with line and value for what is none, or not finite."""
        values = self.columns[column]
        try:
            numbers = np.array(values, dtype=np.str_).astype(np.float64)
        except ValueError:
            numbers = np.array([_number(value) for value in values])
        bad = np.flatnonzero(~np.isfinite(numbers))
        if len(bad):
            raise ValueError(f"{self.place(column)(int(bad[0]))} is {values[bad[0]]!r}: expected a finite number")
        return numbers

    def ids(self, column: str) -> Integers:
        """A column's ids; those of 18 digits, as connectomes have them, would be rounded as float64."""
        try:
            return np.array(self.columns[column], dtype=np.str_).astype(np.int64)
        except (OverflowError, ValueError):
            return ids.whole(self.numbers(column), self.place(column))

    def whole(self, key: str) -> int | None:
        """A whole number that stands above the columns; None where it does not."""
        if key not in self.said:
            return None
        if not self.said[key].isdecimal():
            raise ValueError(f"{self.file}: {key} is {self.said[key]!r}: expected a whole number")
        return int(self.said[key])


def load(path: str | os.PathLike[str], kernel: str | None = None, first_id: int | None = None) -> Given:
    """The network of a CSV file and the one of its cells; `kernel` and `first_id` where the file does not say them.

    Raises ValueError, a sentence with file, line and value, for what is no such file or no such network.
    """
    edges = read(Path(path))
    wrong = [name for name in edges.columns if name not in OF_EDGES] or [n for n in ENDS if n not in edges.columns]
    if wrong:
        raise ValueError(
            f"{edges.file}: its columns are {', '.join(edges.columns)}: expected pre,post[,weight][,delay]"
        )
    name = kernel_of(edges.file, edges.said.get("kernel"), kernel)
    beside = Path(path).with_suffix(".cells.csv")
    cells = read(beside) if beside.exists() else None
    said = edges.whole("first_id")
    ends, count = _ends(edges, cells, first_id if said is None else said)
    late = _late(edges) if "delay" in edges.columns else None
    weights = edges.numbers("weight") if "weight" in edges.columns else None
    state, parameters = (None, {}) if cells is None else _of_cells(cells, KERNELS[name], bool(len(ends[0])))
    network = made(edges.file, name, count, ends, state, weights=weights, delays=late, parameters=parameters)
    return Given(network, None, run_length(edges.file, edges.whole("milliseconds"), None))


def read(path: Path) -> Table:
    """The table in a file; raises ValueError where it is none."""
    said: Dict[str, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened, skipinitialspace=True)
            rows = [(reader.line_num, [field.strip() for field in row]) for row in reader if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    while rows and rows[0][1][0].startswith("#"):
        key, _, value = ",".join(rows.pop(0)[1]).lstrip("# ").partition(":")
        if key.strip() in SAID:
            said[key.strip()] = value.strip()
    if not rows:
        raise ValueError(f"{path}: is empty: expected the names of columns, then a line each")
    names = rows.pop(0)[1]
    if len(set(names)) < len(names):
        raise ValueError(f"{path}: its columns are {', '.join(names)}: expected each name once")
    for line, row in rows:
        if len(row) != len(names):
            raise ValueError(f"{path}, line {line}: has {len(row)} values: expected {len(names)}, {','.join(names)}")
    columns = {name: [row[i] for _, row in rows] for i, name in enumerate(names)}
    return Table(str(path), columns, [line for line, _ in rows], said)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _ends(edges: Table, cells: Table | None, first: int | None) -> tuple[tuple[Integers, Integers], int]:
    """Indices of both ends of each connection, and how many cells there are."""
    sources, targets = (edges.ids(name) for name in ENDS)
    said = edges.whole("cells")
    if cells is not None and said not in (None, len(cells.lines)):
        raise ValueError(f"{edges.file}: cells is {said}: expected {len(cells.lines)}, as {cells.file} has lines")
    if cells is not None and "id" in cells.columns:
        known = cells.ids("id")
        _refuse_twice(cells, known)
        return (_found(edges, "pre", sources, known), _found(edges, "post", targets, known)), len(known)
    start = ids.first_id(edges.file, sources, targets, first)
    largest = max((int(found.max()) for found in (sources, targets) if len(found)), default=-1)
    if cells is None and said is None:
        _refuse_sparse(edges.file, sources, targets)
    count = len(cells.lines) if cells is not None else largest - start + 1 if said is None else said
    places = tuple(ids.places(i, count, start, edges.place(name)) for i, name in zip((sources, targets), ENDS))
    return (places[0], places[1]), count


def _refuse_sparse(file: str, sources: Integers, targets: Integers) -> None:
    """Raise ValueError where ids are names rather than numbers of cells: most of these cells would not be meant."""
    met = np.unique(np.concatenate([sources, targets]))
    if len(met) and met[-1] > SPARSE * len(met):
        raise ValueError(
            f"{file}: has ids up to {met[-1]} of {len(met)} cells: expected a file of cells beside it, with their ids, "
            "or above the columns how many cells there are"
        )


def _refuse_twice(cells: Table, known: Integers) -> None:
    """Raise ValueError, with the line, where a cell has the id of one above it."""
    again = np.setdiff1d(np.arange(len(known)), np.unique(known, return_index=True)[1])
    if len(again):
        raise ValueError(f"{cells.place('id')(int(again[0]))} is {known[again[0]]}, as above: expected each id once")


def _found(edges: Table, column: str, wanted: Integers, known: Integers) -> Integers:
    """Where among the ids of the cells those of a column are."""
    order = np.argsort(known, kind="stable")
    ordered = known[order]
    at = np.minimum(np.searchsorted(ordered, wanted), max(len(ordered) - 1, 0))
    bad = np.flatnonzero(ordered[at] != wanted) if len(ordered) else np.arange(len(wanted))
    if len(bad):
        raise ValueError(f"{edges.place(column)(int(bad[0]))} is {wanted[bad[0]]}: expected the id of a cell")
    return order[at].astype(np.int64)


def _late(edges: Table) -> Floats:
    late = edges.numbers("delay")
    bad = np.flatnonzero(late < 0)
    if len(bad):
        raise ValueError(f"{edges.place('delay')(int(bad[0]))} is {late[bad[0]]:g}: expected ms from 0")
    return late


def _of_cells(cells: Table, kernel: Kernel, connected: bool) -> tuple[Floats | None, Dict[str, Floats]]:
    """(state or None, parameters) of a table of cells."""
    states = kernel.state_names(connected)
    known = ("id", *kernel.parameters, *states)
    unknown = [name for name in cells.columns if name not in known]
    if unknown:
        raise ValueError(f"{cells.file}: has a column {unknown[0]!r}: expected some of {', '.join(known)}")
    parameters = {name: cells.numbers(name) for name in kernel.parameters if name in cells.columns}
    given = [name for name in states if name in cells.columns]
    if not given:
        return None, parameters
    lacking = [name for name in kernel.states if name not in given]
    if lacking:
        raise ValueError(f"{cells.file}: has no column {lacking[0]!r}: expected all of {', '.join(states)}, or none")
    return np.stack([cells.numbers(name) for name in given]), parameters
