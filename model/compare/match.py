"""Which row of one side is which of the other: by id, and by what it ran where a test moved to another file."""

from __future__ import annotations

import math
from dataclasses import dataclass

from model.compare.pool import PooledRow

IDENTITY = ("model", "connectivity", "backend", "cells", "coupling")
BOTH, RENAMED, GONE, NEW = "both", "renamed", "gone", "new"


@dataclass(frozen=True)
class Pair:
    """A row on both sides, or on one of them."""

    base: PooledRow | None
    new: PooledRow | None

    @property
    def kind(self):
        """Where it is: "both", "renamed" (both, under another path), "gone" or "new"."""
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
    moved = renamed(
        [row for key, row in base.rows.items() if key not in new.rows],
        [row for key, row in new.rows.items() if key not in base.rows],
    )
    pairs = [Pair(row, new.rows.get(key) or moved.get(key)) for key, row in base.rows.items()]
    taken = {pair.new.id for pair in pairs if pair.new}
    return pairs + [Pair(None, row) for key, row in new.rows.items() if key not in taken]


def renamed(gone, come):
    """For the id of each row that is gone the one row that came under its name and ran the same."""
    before, after = by_identity(gone), by_identity(come)
    pairs = ((rows, after.get(key, [])) for key, rows in before.items())
    return {rows[0].id: found[0] for rows, found in pairs if len(rows) == len(found) == 1}


def by_identity(rows):
    """Rows by the last part of their id and what they ran."""
    found: dict = {}
    for row in rows:
        key = (row.name, row.experiment, *(str(row.record[name]) for name in IDENTITY))
        found.setdefault(key, []).append(row)
    return found
