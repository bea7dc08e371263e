"""Which row of one side is which of the other: by id, else by what it ran where a test moved or got another name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Callable, Hashable, Optional, Sequence

from neurochip_bench.compare.side import Side, SideRow
from neurochip_bench.compare.speed import Logs
from neurochip_bench.keep.ran_on import devices_of
from neurochip_bench.keep.record import Facts, Record, Scalar
from neurochip_bench.settings import Settings

BOTH, RENAMED, GONE, NEW = "both", "renamed", "gone", "new"
PREPARE, NUMPY = "prepare", "numpy"

Identity = Callable[[SideRow], Optional[Hashable]]  # what two rows are the same by; None for a row that lacks it


@dataclass(frozen=True)
class Pair:
    """A row on both sides, or on one of them; `like` is the id of a new row that ran the same as one that is gone."""

    base: SideRow | None
    new: SideRow | None
    like: str | None = None

    @property
    def kind(self) -> str:
        """Where it is: "both", "renamed" (both, under another id), "gone" or "new"."""
        if self.base is None or self.new is None:
            return NEW if self.base is None else GONE
        return BOTH if self.base.id == self.new.id else RENAMED

    @property
    def row(self) -> SideRow:
        """The row as it is now, or was."""
        row = self.new or self.base
        assert row is not None, "a pair has a row on one side at least"
        return row

    @property
    def sides(self) -> tuple[SideRow, SideRow] | None:
        """The row before and now, where both sides have it."""
        return None if self.base is None or self.new is None else (self.base, self.new)

    @property
    def other_network(self) -> tuple[str | None, str | None] | None:
        """None, or both digests: a file that has been changed is another network, of which no row compares."""
        if self.base is None or self.new is None:
            return None
        old, new = (row.record.network_digest for row in (self.base, self.new))
        return None if old == new else (old, new)

    def times(self, row: SideRow | None) -> list[float]:
        """The times of one of its sides that are compared, in seconds."""
        return [] if row is None else row.cpu_seconds if self.by_cpu_time else row.seconds

    @property
    def logs(self) -> Logs:
        """The logs of both sides' times."""
        base, new = ([math.log(t) for t in self.times(row)] for row in (self.base, self.new))
        return Logs(base, new)

    @property
    def contended(self) -> bool:
        """Whether on one side all of its times were taken while others had the cores."""
        return any(row.contended for row in (self.base, self.new) if row is not None)

    @property
    def by_cpu_time(self) -> bool:
        """Whether CPU time is compared, since others had the cores, and every process of both sides tells it."""
        return self.sides is not None and self.contended and all(row.cpu_seconds for row in self.sides)

    @property
    def blind(self) -> bool:
        """Whether its times decide nothing alone: others had the cores, and there is no CPU time to go by."""
        return self.contended and not self.by_cpu_time

    @property
    def tells_noise(self) -> bool:
        """Whether its times say something of the noise; not NumPy's prepare, where nothing is compiled.

        It is what the first row of a process imports: 12.6 ms, or 0.3 ms where another row came before.
        """
        return not (self.row.experiment == PREPARE and self.row.record.library == NUMPY)

    @property
    def thinned(self) -> bool:
        """Whether fewer of the new processes have the row than of the base's."""
        return self.base is not None and self.new is not None and self.new.share < self.base.share


def match(base: Side, new: Side) -> list[Pair]:
    """The pairs of two sides: those of the base in its order, then what is new."""
    gone = [row for key, row in base.rows.items() if key not in new.rows]
    come = [row for key, row in new.rows.items() if key not in base.rows]
    moved: dict[str, SideRow] = {}
    for identity in (under_its_name, of_its_experiment):
        moved.update(alike(gone, come, identity))
        taken = {row.id for row in moved.values()}
        gone, come = [row for row in gone if row.id not in moved], [row for row in come if row.id not in taken]
    like = {key: row.id for key, row in alike(gone, come, of_its_network).items()}
    pairs = [Pair(row, new.rows.get(key) or moved.get(key), like.get(key)) for key, row in base.rows.items()]
    return pairs + [Pair(None, row) for row in come]


def alike(gone: Sequence[SideRow], come: Sequence[SideRow], identity: Identity) -> dict[str, SideRow]:
    """For the id of each row that is gone the one row that came with the same `identity`."""
    before, after = rows_by(identity, gone), rows_by(identity, come)
    pairs = ((rows, after.get(key, [])) for key, rows in before.items())
    return {rows[0].id: found[0] for rows, found in pairs if len(rows) == len(found) == 1}


def rows_by(identity: Identity, rows: Sequence[SideRow]) -> dict[Hashable, list[SideRow]]:
    """Rows by an identity; those that have none are left out."""
    found: dict[Hashable, list[SideRow]] = {}
    for row in rows:
        key = identity(row)
        if key is not None:
            found.setdefault(key, []).append(row)
    return found


def under_its_name(row: SideRow) -> Hashable:
    """The last part of the id, the experiment and what ran: the same where a test moved to another file."""
    record = row.record
    return (row.name, row.experiment, *map(str, (*network(record), record.network, record.coupling)))


def of_its_experiment(row: SideRow) -> Hashable | None:
    """The experiment that the record names and all that ran: the same where a test has another name."""
    experiment, all_of_it = row.record.experiment, of_its_network(row)
    return None if experiment is None or all_of_it is None else (experiment, all_of_it)


def of_its_network(row: SideRow) -> Hashable | None:
    """All that ran, whatever it ran for; None where the record does not say which network."""
    record = row.record
    if None in network(record):
        return None
    how = settings(record).values()
    own = record.network, record.network_digest
    return tuple(map(str, (*network(record), *own, *how, record.model_ms, record.delay_form, record.delay_max_ms)))


def network(record: Record) -> tuple[Scalar, ...]:
    """Which network ran on what."""
    return record.model, record.connectivity, record.backend, record.cells, devices_of(record)


def settings(record: Record) -> Facts:
    """How it was to be run: the precision and every setting, so that what differs in a new one is another row."""
    return {name: record[name] for name in (*Settings.recorded(), "precision")}
