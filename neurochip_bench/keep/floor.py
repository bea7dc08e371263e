"""A machine's floor: nanoseconds per cell and step that no program of its cores can be below, as runs save it.

A floor is a bound, and no promise: nothing says that any program reaches it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, Mapping, TypeVar

from neurochip_bench.keep.record import Record

MEMORY = "memory"  # where a saved floor has what moving the state takes
Key = TypeVar("Key")
CPU = "cpu"  # the kind of device that a floor is of


@dataclass(frozen=True)
class Floor:
    """The bounds of a machine's cores by the kind of network, such as "io connected".

    compute  ns per cell and step of the operations
    memory   {cells: ns per cell and step of moving the state}, of networks from so many cells on
    """

    compute: Mapping[str, float] = field(default_factory=dict)
    memory: Mapping[str, Mapping[int, float]] = field(default_factory=dict)

    def at(self, kind: str, cells: int) -> float | None:
        """The larger of both bounds of a network, or None where it was not measured."""
        moving = self.memory.get(kind, {})
        from_cells = max((least for least in moving if least <= cells), default=None)
        known = [self.compute.get(kind), None if from_cells is None else moving[from_cells]]
        return max((ns for ns in known if ns is not None), default=None)

    def of(self, record: Record) -> float | None:
        """The larger bound of a row's network; None of a row that is not `bounded`."""
        if record.cells is None or not bounded(record):
            return None
        return self.at(f"{record.model} {record.connectivity}", record.cells)

    def times(self, record: Record) -> float | None:
        """How many times its floor a row takes."""
        least, ns = self.of(record), record.ns_per_cell_step
        return None if least is None or ns is None else ns / least

    def also(self, other: Floor) -> Floor:
        """The floor with what another measurement of the machine says: the lower one, since it was as fast once."""
        kinds = dict.fromkeys([*self.memory, *other.memory])
        memory = {kind: lower(self.memory.get(kind, {}), other.memory.get(kind, {})) for kind in kinds}
        return Floor(lower(self.compute, other.compute), memory)

    def saved(self) -> dict[str, Any]:  # any JSON
        """The form in which a run keeps it; older runs have no memory in it."""
        memory = {kind: {str(cells): ns for cells, ns in found.items()} for kind, found in self.memory.items()}
        return {**self.compute, MEMORY: memory}


def bounded(record: Record) -> bool:
    """Whether a floor can say anything of a row: one of a standard network that one machine's cores alone computed."""
    own, elsewhere = record.network or record.network_digest, (record.processes or 1) > 1
    return record.kind == CPU and record.cells is not None and not (own or elsewhere)


def lower(one: Mapping[Key, float], other: Mapping[Key, float]) -> dict[Key, float]:
    """The lower of both values of each key."""
    return {key: min(one.get(key, math.inf), other.get(key, math.inf)) for key in (*one, *other)}


def read(saved: Any) -> Floor:  # any JSON
    """The floor in a saved form that may hold anything: what is no positive number is left out."""
    found = saved if isinstance(saved, dict) else {}
    compute = {str(kind): float(ns) for kind, ns in found.items() if _positive(ns)}
    memory = found.get(MEMORY)
    kinds = memory.items() if isinstance(memory, dict) else ()
    return Floor(compute, {str(kind): steps for kind, given in kinds if (steps := _steps(given))})


def _steps(given: Any) -> dict[int, float]:  # any JSON
    found = given.items() if isinstance(given, dict) else ()
    return {int(cells): float(ns) for cells, ns in found if re.fullmatch("[0-9]{1,12}", str(cells)) and _positive(ns)}


def _positive(value: Any) -> bool:  # any JSON
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 1e-15 <= value <= 1e15
