"""A comparison as a table on the terminal, and as Markdown for a summary."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Iterator, Mapping, NamedTuple, Sequence

from neurochip_bench.accuracy.verdict import RIGHT
from neurochip_bench.compare import text
from neurochip_bench.compare.accuracy import NOTHING
from neurochip_bench.compare.away import away
from neurochip_bench.compare.backends import Whole
from neurochip_bench.compare.comparison import Compared, Comparison
from neurochip_bench.compare.errors import CompareError
from neurochip_bench.compare.match import GONE, NEW
from neurochip_bench.compare.outputs import Apart
from neurochip_bench.compare.speed import FASTER, SLOWER
from neurochip_bench.keep import distance
from neurochip_bench.keep.markdown import literal
from neurochip_bench.keep.markdown import table as table_lines

COLOURS = {SLOWER: "red", FASTER: "green"}
ENDLESS = 10_000  # columns where no terminal has so many: a log is searched by line


class Line(NamedTuple):
    """A line of a table, and the colour that it has on a terminal, or None."""

    cells: tuple[str, ...]
    colour: str | None


@dataclass(frozen=True)
class Table:
    """A table of a comparison."""

    head: tuple[str, ...]
    lines: list[Line]


def shown(comparison: Comparison, everything: bool) -> list[Compared]:
    """The rows to show: all of them, or those of which there is something to tell each by itself."""
    return [row for row in comparison.rows if everything or (row.matters and not summed(row))]


def summed(row: Compared) -> bool:
    """Whether a row came and is right, or is gone: so many of a backend are a line."""
    return row.pair.kind == GONE or (row.pair.kind == NEW and row.verdicts[1] in (*RIGHT, NOTHING))


def terminal(
    comparison: Comparison,
    apart: Mapping[str, Apart],
    found: Sequence[str],
    notes: Sequence[str],
    everything: bool = False,
) -> None:
    """Print a comparison.

    apart       the final states by row id, empty where none were kept
    found       the sentences of the gate
    notes       what the gate could have seen
    everything  whether to show every row

    Raises CompareError where rich is missing.
    """
    try:
        from rich import box
        from rich.console import Console
        from rich.table import Table as RichTable
        from rich.text import Text
    except ImportError as error:
        raise CompareError("rich is missing: pip install 'neurochip-bench[suite]'") from error
    console = Console(width=None if sys.stdout.isatty() else ENDLESS, highlight=False)
    console.print(Text(f"base  {text.in_a_line(comparison.base)}\nnew   {text.in_a_line(comparison.new)}"))
    for sentence in notes:
        console.print(Text(sentence))
    for table in tables(comparison, apart, everything):
        drawn = RichTable(box=box.SIMPLE_HEAD, pad_edge=False)
        for name in table.head:
            number = name.endswith("ms") or name == "rows" or name in distance.HEADS
            drawn.add_column(name, justify="right" if number else "left", no_wrap=number, overflow="fold")
        for line in table.lines:
            drawn.add_row(*map(Text, line.cells), style=line.colour)
        console.print(drawn)
    for sentence in closing(comparison, apart, found, everything):
        console.print(Text(sentence))


def tables(comparison: Comparison, apart: Mapping[str, Apart], everything: bool) -> Iterator[Table]:
    """The tables of the backends and of the rows that are shown, where there are any."""
    found = [whole for whole in comparison.wholes if everything or comparison.enough or decided(whole)]
    if found:
        yield Table(text.WHOLES, [Line(text.whole_cells(whole), COLOURS.get(whole.word)) for whole in found])
    rows, known = shown(comparison, everything), away(comparison.new)
    if rows and apart:
        lines = [Line((*text.cells(row, known), text.state_cell(row, apart)), style(row)) for row in rows]
        yield Table((*text.HEAD, text.OUTPUT), lines)
    elif rows:
        yield Table(text.HEAD, [Line(text.cells(row, known), style(row)) for row in rows])


def decided(entry: Compared | Whole) -> bool:
    """Whether a row or a backend is called faster or slower."""
    return entry.word in COLOURS


def style(row: Compared) -> str | None:
    """The colour of a row: what fails, what is slower, what is faster; words say it too."""
    return "bold red" if row.regressed or row.pair.kind == GONE else COLOURS.get(row.word)


def closing(
    comparison: Comparison, apart: Mapping[str, Apart], found: Sequence[str], everything: bool
) -> Iterator[str]:
    """The lines after the tables."""
    hidden = len(comparison.rows) - len(shown(comparison, everything))
    yield text.tally(comparison) + (f"; not shown: {hidden} (--all shows them)" if hidden else "")
    yield from text.grouped([] if everything else [row for row in comparison.rows if summed(row)])
    yield from text.changed(comparison)
    yield from text.outputs(apart)
    yield from text.other_networks(comparison)
    yield from text.remarks(comparison)
    yield from text.ignored(comparison)
    yield from (f"FAILED: {text.clean(sentence)}" for sentence in found)
    if not found:
        yield "passed"


def markdown(
    comparison: Comparison,
    apart: Mapping[str, Apart],
    found: Sequence[str],
    notes: Sequence[str],
    everything: bool = False,
) -> Iterator[str]:
    """The lines of a comparison as Markdown; the arguments are those of `terminal`."""
    yield f"## Benchmarks: {'**failed**' if found else 'passed'}"
    yield ""
    yield f"- base: {literal(text.in_a_line(comparison.base))}"
    yield f"- new: {literal(text.in_a_line(comparison.new))}"
    yield from (f"- {literal(sentence)}" for sentence in notes)
    yield ""
    for table in tables(comparison, apart, everything):
        yield from table_lines(table.head, [map(literal, line.cells) for line in table.lines])
        yield ""
    yield from (f"- {literal(sentence)}" for sentence in closing(comparison, apart, found, everything))
