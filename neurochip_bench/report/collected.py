"""The rows of all saved runs in one place, typed, with the machine that each ran on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Iterable, Sequence

from model.kernels import KERNELS
from model.network import connectivity
from neurochip_bench.keep.saved import SavedRun, SavedRunError, load
from neurochip_bench.report.machines import Machine, machines_of
from neurochip_bench.report.origin import age, newest
from neurochip_bench.report.row import NetworkKind, Row, Timed

RUN_ALIKE = ("run", "scaling", "speedup", "complexity")  # experiments that time runs of one length
MODELS = KERNELS.own  # others come behind, by name
CONNECTIVITIES = (connectivity(False), connectivity(True))


@dataclass(frozen=True)
class Collected:
    """The rows of the runs that could be read, and one sentence for each run that could not.

    runs  the oldest first
    rows  of each id on a machine those of the newest run that has it
    """

    runs: list[SavedRun]
    rows: list[Row]
    machine_of: list[Machine]  # of each run
    troubles: list[str] = field(default_factory=list)

    @cached_property
    def machines(self) -> list[Machine]:
        """The machines, each once."""
        return list(dict.fromkeys(self.machine_of))

    @cached_property
    def timed(self) -> list[Timed]:
        """Rows of such runs that say how long they took, right or not; of a series and network the newest."""
        alike = [row for row in self.rows if row.experiment in RUN_ALIKE]
        newest_run: dict[tuple[object, ...], int] = {}
        for row in alike:
            newest_run[_line(row)] = max(row.run, newest_run.get(_line(row), 0))
        return [row.timed for row in alike if row.timed is not None and row.run == newest_run[_line(row)]]

    def timed_of(self, kind: NetworkKind) -> list[Timed]:
        """The timed rows of a kind of network."""
        return [timed for timed in self.timed if timed.kind == kind]

    @cached_property
    def networks(self) -> list[NetworkKind]:
        """The kinds of network that were timed, in the order of the models."""
        found = dict.fromkeys(timed.kind for timed in self.timed)
        return sorted(found, key=lambda kind: (_place(kind.model, MODELS), _place(kind.connectivity, CONNECTIVITIES)))

    def of(self, *experiments: str) -> list[Row]:
        """The rows of experiments whose times or results say something: none that is emulated or stood in for."""
        return [row for row in self.rows if row.experiment in experiments and row.real and row.saved.reason is None]

    def judged(self, experiment: str) -> list[Row]:
        """The finished rows of an experiment about errors: emulated ones too, but none that was stood in for."""
        finished = (row for row in self.rows if row.experiment == experiment and row.saved.reason is None)
        return [row for row in finished if row.backend and not row.stood_in]

    def best(self, kind: NetworkKind) -> dict[str, dict[int, Timed]]:
        """{series: {cells: the fastest right row}} of a kind of network."""
        result: dict[str, dict[int, Timed]] = {}
        for timed in self.timed_of(kind):
            if timed.row.right:
                by_cells = result.setdefault(timed.row.series, {})
                if timed.cells not in by_cells or timed.rtf < by_cells[timed.cells].rtf:
                    by_cells[timed.cells] = timed
        return result

    def fastest(self, kind: NetworkKind) -> dict[int, list[Timed]]:
        """{cells: the right rows, one a series, the fastest first} of a kind of network, smallest first."""
        result: dict[int, list[Timed]] = {}
        for by_cells in self.best(kind).values():
            for cells, timed in by_cells.items():
                result.setdefault(cells, []).append(timed)
        return {cells: sorted(result[cells], key=lambda timed: timed.rtf) for cells in sorted(result)}

    @cached_property
    def _best(self) -> dict[tuple[Machine, NetworkKind, int], float]:
        """The real-time factor of the fastest right row of each network on each machine."""
        found: dict[tuple[Machine, NetworkKind, int], float] = {}
        for timed in self.timed:
            if timed.row.right:
                found[timed.place] = min(timed.rtf, found.get(timed.place, timed.rtf))
        return found

    def times_fastest(self, timed: Timed) -> float | None:
        """How many times the fastest right row of its network and machine a right row takes; None of any other."""
        return timed.rtf / self._best[timed.place] if timed.row.right else None

    def not_right(self) -> list[Row]:
        """Rows that finished and are not right: unusable, undefined or never judged; some have nothing to judge."""
        return [row for row in self.rows if row.is_judged and row.reason is None and not row.right]

    def failed(self) -> list[Row]:
        """Rows that did not finish."""
        return [row for row in self.rows if row.saved.reason is not None]


def _line(row: Row) -> tuple[object, ...]:
    """What the rows of several runs are the same point of."""
    return row.series, row.model, row.connectivity, row.network, row.cells


def _place(name: str, order: Sequence[str]) -> tuple[int, str]:
    return (order.index(name), name) if name in order else (len(order), name)


def collect(paths: Iterable[str | Path]) -> Collected:
    """All that saved runs have, ordered by their dates; a file that cannot be read is one of its troubles."""
    runs, troubles = [], []
    for path in dict.fromkeys(map(str, paths)):
        try:
            runs.append(load(path))
        except SavedRunError as error:
            troubles.append(str(error))
    runs.sort(key=age)
    machines = machines_of(runs)
    rows = [Row(row, machine, i) for i, (run, machine) in enumerate(zip(runs, machines)) for row in run.rows]
    return Collected(runs, newest(rows), machines, troubles)
