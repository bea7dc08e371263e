"""A row of a saved run, typed: what its record lacks, or has in another type than expected, is None."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from neurochip_bench.accuracy import MEASURES, RIGHT, UNJUDGED
from neurochip_bench.accuracy.units import name_in
from neurochip_bench.accuracy.verdict import usable_limit
from neurochip_bench.keep.ran_on import ran_on
from neurochip_bench.keep.record import Record
from neurochip_bench.keep.saved import SavedRow
from neurochip_bench.keep.saved_times import seconds
from neurochip_bench.keep.words import EMULATED, STAND_IN, UNSTEADY
from neurochip_bench.report.machines import OTHER, Machine
from neurochip_bench.report.values import number, positive, text, whole


class NetworkKind(NamedTuple):
    """What a network is of, whatever its size; one of a user's is a kind of its own, by its name and digest."""

    model: str
    connectivity: str
    own: str = ""

    def __str__(self) -> str:
        return f"{self.model} {self.connectivity}{f' {self.own}' if self.own else ''}"

    @property
    def key(self) -> str:
        """Its part of a file's name."""
        own = re.sub(r"[^\w.]+", "-", self.own).strip("-")
        return f"{self.model}-{self.connectivity}{f'-{own}' if own else ''}"

    @property
    def title(self) -> str:
        """What stands above its panel."""
        return f"{f'{self.own}, ' if self.own else ''}{self.model}, {self.connectivity}"


class Worst(NamedTuple):
    """The measure that is furthest beyond what is usable: its error over the largest usable one, infinite for none."""

    ratio: float
    measure: str


@dataclass(frozen=True, eq=False)
class Row:
    """A row of a saved run; what its record lacks, or has in another type than expected, is None."""

    saved: SavedRow
    machine: Machine
    run: int  # which of the files

    @property
    def record(self) -> Record:
        """What the row says of itself, each field of its type, or None."""
        return self.saved.record

    @property
    def name(self) -> str:
        """The test's name, parameters in brackets."""
        return text(self.saved.name) or "?"

    @cached_property
    def experiment(self) -> str:
        """What the row is part of."""
        return text(self.saved.experiment) or "?"

    @cached_property
    def verdict(self) -> str:
        """What was judged, whether or not the row finished; "unjudged" where there is nothing to judge."""
        return self.saved.judged or UNJUDGED

    @property
    def right(self) -> bool:
        """Whether the result is right and the row finished: only such a row is ever ranked."""
        return self.verdict in RIGHT and self.saved.reason is None

    @property
    def unsteady(self) -> str | None:
        """The word for a time that may be another's doing, None for any other."""
        timing = self.record.timing
        return timing if timing in UNSTEADY else None

    @property
    def is_judged(self) -> bool:
        """Whether the row says a verdict at all; preparing a network has none."""
        return self.saved.judged is not None

    @property
    def reason(self) -> str | None:
        """None, or why the row did not finish."""
        return text(self.saved.reason, 300) if self.saved.reason is not None else None

    def seconds(self, statistic: str) -> float | None:
        """One of pytest-benchmark's statistics of the row's rounds, or None."""
        return seconds(self.saved, statistic)

    @cached_property
    def model(self) -> str | None:
        """The kernel's name, or None."""
        return text(self.record.model)

    @cached_property
    def connectivity(self) -> str | None:
        """Whether its cells are connected, in the word for it, or None."""
        return text(self.record.connectivity)

    @cached_property
    def cells(self) -> int | None:
        """The number of cells, or None."""
        return whole(self.record.cells)

    @cached_property
    def kind(self) -> NetworkKind | None:
        """The kind of network, None where the record does not say it whole."""
        if self.model is None or self.connectivity is None:
            return None
        return NetworkKind(self.model, self.connectivity, self.network or "")

    @cached_property
    def network(self) -> str | None:
        """The name of a network of one's own, with the beginning of its digest; None of a standard one."""
        name, digest = text(self.record.network), text(self.record.network_digest)
        return None if name is None else f"{name} ({(digest or '?')[:6]})"

    @cached_property
    def backend(self) -> str | None:
        """The backend's id, or None."""
        return text(self.record.backend)

    @property
    def device(self) -> str:
        """The kind of device, such as "cpu"."""
        return text(self.record.kind) or OTHER

    @property
    def series(self) -> str:
        """What a line of a figure is of: the backend over its devices, with its machine where there are several."""
        return f"{self.ran_on} · {self.machine.label}" if self.machine.label else str(self.ran_on)

    @cached_property
    def ran_on(self) -> str | None:
        """The backend's id with its devices where there are several, or None."""
        return None if self.backend is None else text(ran_on(self.record))

    @property
    def stood_in(self) -> bool:
        """Whether a stand-in for a chip's library ran, and no chip."""
        return self.record.device == STAND_IN

    @cached_property
    def real(self) -> bool:
        """Whether a time of the row says something: not emulated, and not run on a stand-in for a chip."""
        return self.device != EMULATED and not self.stood_in

    @cached_property
    def timed(self) -> Timed | None:
        """The row as one that says how long it took; None where it says nothing about time."""
        rtf = positive(self.record.rtf)
        if not self.real or self.saved.reason is not None or self.backend is None:
            return None
        if rtf is None or self.kind is None or self.cells is None:
            return None
        return Timed(self, self.kind, self.cells, rtf)

    @cached_property
    def worst(self) -> Worst | None:
        """The measure furthest beyond what is usable; None where none was judged, or all errors are zero."""
        units = self.record.units
        found = [
            Worst(ratio, name_in(units, name))
            for name in MEASURES
            if (ratio := self._beyond(name)) is not None and ratio > 0
        ]
        return max(found, key=lambda worst: worst.ratio, default=None)

    def _beyond(self, measure: str) -> float | None:
        """The error of a measure over the largest usable one; infinite where it is not finite, None without a limit."""
        floor, step_error = number(self.record[f"floor_{measure}"]), number(self.record[f"step_error_{measure}"])
        if floor is None or step_error is None or usable_limit(floor, step_error) <= 0:
            return None
        error = number(self.record[measure])
        return float("inf") if error is None else abs(error) / usable_limit(floor, step_error)


@dataclass(frozen=True)
class Timed:
    """A row that says how long it took, and of which network.

    rtf  wall seconds per second of model time, of the best round
    """

    row: Row
    kind: NetworkKind
    cells: int
    rtf: float

    @property
    def place(self) -> tuple[Machine, NetworkKind, int]:
        """What rows have to share to be held against each other: machine, kind of network, size."""
        return self.row.machine, self.kind, self.cells

    @property
    def times_floor(self) -> float | None:
        """How many times what its machine's cores need at least a right row takes; None of any other, and of chips."""
        return self.row.machine.floor.times(self.row.record) if self.row.right else None
