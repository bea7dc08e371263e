"""A table of the report as data: what a page, a CSV file and Markdown are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Generic, Iterable, Sequence, TypeVar, Union

from neurochip_bench.report.machines import Machine
from neurochip_bench.report.values import is_number

Plain = Union[str, float, bool, None]  # an int is a float here
Value = Union[Plain, Machine]
Entry = TypeVar("Entry", contravariant=True)


@dataclass(frozen=True)
class Column(Generic[Entry]):
    """A column: its head with the unit, and its value of an entry."""

    head: str
    value: Callable[[Entry], Value]


@dataclass(frozen=True)
class ForPeople:
    """A table as it is read: machines by their labels, none where there is one; no column in which nothing stands."""

    heads: list[str]
    rows: list[list[Plain]]
    numeric: list[bool]  # which columns are numbers


@dataclass(frozen=True)
class Table:
    """A table: heads with their units, and rows of strings, numbers, booleans, machines and None."""

    key: str
    title: str
    heads: list[str]
    rows: list[list[Value]]
    note: str = ""

    def for_people(self) -> ForPeople:
        """The table as it is read."""
        machines = {value for row in self.rows for value in row if isinstance(value, Machine)}
        alone = not any(machine.label for machine in machines)
        told = [any(row[i] is not None for row in self.rows) for i in range(len(self.heads))]
        keep = [i for i, head in enumerate(self.heads) if told[i] and not (head == "machine" and alone)]
        rows = [[_for_people(row[i]) for i in keep] for row in self.rows]
        numeric = [any(is_number(row[i]) for row in self.rows) for i in keep]
        return ForPeople([self.heads[i] for i in keep], rows, numeric)


def made(key: str, title: str, columns: Sequence[Column[Entry]], entries: Iterable[Entry], note: str = "") -> Table:
    """The table with a row for each entry."""
    rows = [[column.value(entry) for column in columns] for entry in entries]
    return Table(key, title, [column.head for column in columns], rows, note)


def _for_people(value: Value) -> Plain:
    return value.label if isinstance(value, Machine) else value
