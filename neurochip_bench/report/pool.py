"""The rows of all saved runs in one place, typed, with the machine that each ran on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from neurochip_bench.keep.saved import SavedRun, SavedRunError, load
from neurochip_bench.report.machines import Machine, machines_of
from neurochip_bench.report.origin import newest, when
from neurochip_bench.report.row import Row

SAME = ("run", "scaling", "speedup", "complexity")  # experiments that all time 100 ms of model time
MODELS = ("io", "hh", "lif")
CONNECTIVITIES = ("unconnected", "connected")


@dataclass(frozen=True)
class Pool:
    """The rows of the runs that could be read, and one sentence for each run that could not.

    runs  the oldest first
    rows  of each id on a machine those of the newest run that has it
    """

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
        """Rows of the runs of 100 ms that say how long they took, right or not; of a series and network the newest."""
        same = [row for row in self.rows if row.experiment in SAME]
        newest: dict = {}
        for row in same:
            newest[row.series, row.network] = max(row.run, newest.get((row.series, row.network), 0))
        return [row for row in same if row.rtf is not None and row.run == newest[row.series, row.network]]

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
        return [row for row in self.rows if row.is_judged and row.reason is None and not row.right]

    def failed(self):
        """Rows that did not finish."""
        return [row for row in self.rows if row.saved.reason is not None]


def _place(name, order):
    return (order.index(name), name) if name in order else (len(order), name)


def pool(paths):
    """The `Pool` of saved runs, ordered by their dates; a file that cannot be read is one of its troubles."""
    runs, troubles = [], []
    for path in dict.fromkeys(map(str, paths)):
        try:
            runs.append(load(path))
        except SavedRunError as error:
            troubles.append(str(error))
    runs.sort(key=when)
    machines = machines_of(runs)
    rows = [Row(row, machine, i) for i, (run, machine) in enumerate(zip(runs, machines)) for row in run.rows]
    return Pool(runs, newest(rows), machines, troubles)
