"""The rows of all saved runs in one place, typed, with the machine that each ran on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from model.accuracy import MEASURES, RIGHT
from model.report.machines import Machine, kind_of, machines_of
from model.report.values import flag, mapping, number, positive, text, whole
from model.saved import SavedRow, SavedRun, SavedRunError, load

SAME = ("run", "scaling", "speedup", "complexity")  # experiments that all time 100 ms of model time
MODELS = ("io", "hh", "lif")
CONNECTIVITIES = ("unconnected", "connected")
VERDICTS = (*RIGHT, "unusable", "undefined", "unjudged")
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
        """One of the five words; a row that says something else has not been judged."""
        word = self.saved.record["verdict"]
        return word if isinstance(word, str) and word in VERDICTS else "unjudged"

    @property
    def right(self):
        """Whether the result is right and the row finished: only such a row is ever ranked."""
        return self.verdict in RIGHT and self.saved.reason is None

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


@dataclass(frozen=True)
class Pool:
    """All rows of the runs that could be read, and one sentence for each that could not."""

    runs: list[SavedRun]
    rows: list[Row]
    machine_of: list[Machine]  # of each run
    troubles: list[str] = field(default_factory=list)

    @cached_property
    def machines(self):
        """The machines, each once."""
        return list(dict.fromkeys(self.machine_of))

    @cached_property
    def timed(self):
        """Rows of the runs of 100 ms that say how long they took, right or not."""
        return [row for row in self.rows if row.experiment in SAME and row.rtf is not None]

    @cached_property
    def networks(self):
        """(model, connectivity) of timed rows, in the order of the models."""
        found = dict.fromkeys(row.network[:2] for row in self.timed)
        return sorted(found, key=lambda pair: (_place(pair[0], MODELS), _place(pair[1], CONNECTIVITIES)))

    def of(self, *experiments):
        """The rows of experiments whose times or results say something: none that is emulated or stood in for."""
        return [row for row in self.rows if row.experiment in experiments and row.real and row.saved.reason is None]

    def judged(self, experiment):
        """The finished rows of an experiment about errors: emulated ones too, but none that was stood in for."""
        finished = (row for row in self.rows if row.experiment == experiment and row.saved.reason is None)
        return [row for row in finished if row.backend and not row.stood_in]

    def best(self, model, connectivity):
        """{series: {cells: the fastest right row}} of a kind of network."""
        result: dict = {}
        for row in self.timed:
            if row.right and row.network[:2] == (model, connectivity):
                by_cells = result.setdefault(row.series, {})
                if row.cells not in by_cells or row.rtf < by_cells[row.cells].rtf:
                    by_cells[row.cells] = row
        return result

    def fastest(self, model, connectivity):
        """{cells: the right rows, one a series, the fastest first} of a kind of network, smallest first."""
        result: dict = {}
        for by_cells in self.best(model, connectivity).values():
            for cells, row in by_cells.items():
                result.setdefault(cells, []).append(row)
        return {cells: sorted(result[cells], key=lambda row: row.rtf) for cells in sorted(result)}

    def not_right(self):
        """Rows that finished and are not right: unusable, undefined or never judged; some have nothing to judge."""
        judged = (row for row in self.rows if row.saved.reason is None and row.saved.record["verdict"] is not None)
        return [row for row in judged if not row.right]

    def failed(self):
        """Rows that did not finish."""
        return [row for row in self.rows if row.saved.reason is not None]


def _place(name, order):
    return (order.index(name), name) if name in order else (len(order), name)


def pool(paths):
    """The `Pool` of saved runs; a file that cannot be read is one of its troubles."""
    runs, troubles = [], []
    for path in dict.fromkeys(map(str, paths)):
        try:
            runs.append(load(path))
        except SavedRunError as error:
            troubles.append(str(error))
    machines = machines_of(runs)
    rows = [Row(row, machine, i) for i, (run, machine) in enumerate(zip(runs, machines)) for row in run.rows]
    return Pool(runs, rows, machines, troubles)
