"""A row of a saved run, typed: what its record lacks, or has in another type than expected, is None."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from neurochip_bench.accuracy import MEASURES, RIGHT, UNDEFINED, UNJUDGED, UNUSABLE
from neurochip_bench.keep.saved import SavedRow
from neurochip_bench.report.machines import Machine, kind_of
from neurochip_bench.report.values import flag, mapping, number, positive, text, whole

UNSTABLE = "unstable"  # a stress run that was not stable
VERDICTS = (*RIGHT, UNUSABLE, UNSTABLE, UNDEFINED, UNJUDGED)
STAND_IN = "stand-in"  # the device of rows that no chip has run


@dataclass(frozen=True, eq=False)
class Row:
    """A row of a saved run; what its record lacks, or has in another type than expected, is None."""

    saved: SavedRow
    machine: Machine
    run: int  # which of the files

    @property
    def name(self):
        """The test's name, parameters in brackets."""
        return text(self.saved.name) or "?"

    @cached_property
    def experiment(self):
        """What the row is part of; rows of older runs are told by the name of their test."""
        return text(self.saved.record["experiment"]) or self.name.split("[")[0].replace("test_", "", 1)

    @cached_property
    def verdict(self):
        """One of `VERDICTS`; "unstable" whatever else was judged of a run that was not stable."""
        if self.flag("stable") is False:
            return UNSTABLE
        word = self.saved.record["verdict"]
        return word if isinstance(word, str) and word in VERDICTS else UNJUDGED

    @property
    def right(self):
        """Whether the result is right and the row finished: only such a row is ever ranked."""
        return self.verdict in RIGHT and self.saved.reason is None

    @property
    def is_judged(self):
        """Whether the row says a verdict at all; preparing a network has none."""
        return self.saved.record["verdict"] is not None or self.verdict == UNSTABLE

    @property
    def reason(self):
        """None, or why the row did not finish."""
        return text(self.saved.reason, 300) if self.saved.reason is not None else None

    def word(self, key):
        """A string of the record, cleaned, else None."""
        return text(self.saved.record[key])

    def number(self, key):
        """A finite number of the record, else None."""
        return number(self.saved.record[key])

    def flag(self, key):
        """True or false of the record, else None."""
        return flag(self.saved.record[key])

    def stat(self, key):
        """A time of pytest-benchmark's statistics in seconds, else None."""
        return positive(mapping(self.saved.stats).get(key))

    @cached_property
    def cells(self):
        """The number of cells, or None."""
        return whole(self.saved.record["cells"])

    @cached_property
    def network(self):
        """(model, connectivity, cells); any of them may be None."""
        return self.word("model"), self.word("connectivity"), self.cells

    @cached_property
    def backend(self):
        """The backend's id, or None."""
        return self.word("backend")

    @property
    def kind(self):
        """The kind of device, such as "cpu", by the backend's id."""
        return kind_of(self.backend)

    @property
    def series(self):
        """What a line of a figure is of: the backend, with its machine where there are several."""
        return f"{self.backend} · {self.machine.label}" if self.machine.label else str(self.backend)

    @property
    def stood_in(self):
        """Whether a stand-in for a chip's library ran, and no chip."""
        return self.saved.record["device"] == STAND_IN

    @cached_property
    def real(self):
        """Whether a time of the row says something: not emulated, and not run on a stand-in for a chip."""
        return self.kind != "emulated" and not self.stood_in

    @cached_property
    def rtf(self):
        """Wall seconds per second of model time, best round; None where the row says nothing about time."""
        value = positive(self.saved.record["rtf"])
        return value if self.real and self.saved.reason is None and None not in (*self.network, self.backend) else None

    @cached_property
    def worst(self):
        """(error over what is usable, measure) of the measure furthest beyond; infinite where one is not finite."""
        found: list[tuple] = [(0.0, None)]
        for name in MEASURES:
            floor, step = number(self.saved.record[f"floor_{name}"]), number(self.saved.record[f"step_error_{name}"])
            if floor is not None and step is not None and max(4 * floor, step / 2) > 0:
                error = number(self.saved.record[name])
                found.append((float("inf") if error is None else abs(error) / max(4 * floor, step / 2), name))
        return max(found, key=lambda item: item[0])
