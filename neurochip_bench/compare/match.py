"""Which row of one side is which of the other: by id, else by what it ran where a test moved or got another name."""

from __future__ import annotations

import math
from dataclasses import dataclass

from neurochip_bench.compare.pool import PooledRow

NETWORK = ("model", "connectivity", "backend", "cells")
IDENTITY = (*NETWORK, "coupling")
ALL_OF_IT = (*IDENTITY, "precision", "rates", "accumulation", "model_ms", "delay_form", "delay_max_ms")
BOTH, RENAMED, GONE, NEW = "both", "renamed", "gone", "new"


@dataclass(frozen=True)
class Pair:
    """A row on both sides, or on one of them; `like` is the id of a new row that ran the same as one that is gone."""

    base: PooledRow | None
    new: PooledRow | None
    like: str | None = None

    @property
    def kind(self):
        """Where it is: "both", "renamed" (both, under another id), "gone" or "new"."""
        if self.base is None or self.new is None:
            return NEW if self.base is None else GONE
        return BOTH if self.base.id == self.new.id else RENAMED

    @property
    def row(self):
        """The row as it is now, or was."""
        return self.new or self.base

    @property
    def logs(self):
        """The logs of both sides' times, one a process."""
        return [[math.log(t) for t in row.seconds] if row else [] for row in (self.base, self.new)]

    @property
    def thinned(self):
        """Whether fewer of the new processes have the row than of the base's."""
        return self.base is not None and self.new is not None and self.new.share < self.base.share


def match(base, new):
    """The pairs of two `Pool`s: those of the base in its order, then what is new."""
    gone = [row for key, row in base.rows.items() if key not in new.rows]
    come = [row for key, row in new.rows.items() if key not in base.rows]
    moved: dict = {}
    for identity in (under_its_name, of_its_experiment):
        moved.update(same(gone, come, identity))
        taken = {row.id for row in moved.values()}
        gone, come = [row for row in gone if row.id not in moved], [row for row in come if row.id not in taken]
    alike = {key: row.id for key, row in same(gone, come, of_its_network).items()}
    pairs = [Pair(row, new.rows.get(key) or moved.get(key), alike.get(key)) for key, row in base.rows.items()]
    return pairs + [Pair(None, row) for row in come]


def same(gone, come, identity):
    """For the id of each row that is gone the one row that came with the same `identity`."""
    before, after = by(identity, gone), by(identity, come)
    pairs = ((rows, after.get(key, [])) for key, rows in before.items())
    return {rows[0].id: found[0] for rows, found in pairs if len(rows) == len(found) == 1}


def by(identity, rows):
    """Rows by an identity; those that have none are left out."""
    found: dict = {}
    for row in rows:
        key = identity(row)
        if key is not None:
            found.setdefault(key, []).append(row)
    return found


def under_its_name(row):
    """The last part of the id, the experiment and what ran: the same where a test moved to another file."""
    return (row.name, row.experiment, *(str(row.record[name]) for name in IDENTITY))


def of_its_experiment(row):
    """The experiment that the record names and all that ran: the same where a test has another name."""
    network = of_its_network(row)
    return network and row.record["experiment"] and (row.record["experiment"], *network)


def of_its_network(row):
    """All that ran, whatever it ran for; None where the record does not say which network."""
    if any(row.record[name] is None for name in NETWORK):
        return None
    return tuple(str(row.record[name]) for name in ALL_OF_IT)
