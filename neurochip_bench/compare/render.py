"""A comparison as a table on the terminal, and as Markdown for a summary."""

from __future__ import annotations

import sys

from neurochip_bench.accuracy.verdict import RIGHT
from neurochip_bench.compare import text
from neurochip_bench.compare.accuracy import NOTHING
from neurochip_bench.compare.errors import CompareError
from neurochip_bench.compare.match import GONE, NEW
from neurochip_bench.compare.speed import FASTER, SLOWER

COLOURS = {SLOWER: "red", FASTER: "green"}
ENDLESS = 10_000  # columns where no terminal has so many: a log is searched by line


def shown(comparison, everything):
    """The rows to show: all of them, or those of which there is something to tell each by itself."""
    return [row for row in comparison.rows if everything or (row.matters and not summed(row))]


def summed(row):
    """Whether a row came and is right, or is gone: so many of a backend are a line."""
    return row.pair.kind == GONE or (row.pair.kind == NEW and row.verdicts[1] in (*RIGHT, NOTHING))


def lines_of(row, apart):
    """The cells of a row; `apart` has the final states by id, empty where none were kept."""
    return text.cells(row, apart.get(row.pair.row.id, "") if apart else None)


def terminal(comparison, apart, found, notes, everything=False):
    """Print a comparison; `found` are the sentences of the gate, and `notes` what it cannot tell.

    Raises CompareError where rich is missing.
    """
    try:
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text
    except ImportError as error:
        raise CompareError("rich is missing: pip install -e '.[suite]'") from error
    console = Console(width=None if sys.stdout.isatty() else ENDLESS, highlight=False)
    console.print(Text(f"base  {text.side(comparison.base)}\nnew   {text.side(comparison.new)}"))
    for head, entries in tables(comparison, apart, everything):
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for name in head:
            number = name.endswith("ms") or name == "rows"
            table.add_column(name, justify="right" if number else "left", no_wrap=number, overflow="fold")
        for cells, colour in entries:
            table.add_row(*map(Text, cells), style=colour)
        console.print(table)
    for line in closing(comparison, apart, found, notes, everything):
        console.print(Text(line))


def tables(comparison, apart, everything):
    """(head, [(cells, colour)]) of the backends and of the rows that are shown, where there are any."""
    found = [whole for whole in comparison.wholes if everything or comparison.enough or decided(whole)]
    if found:
        yield text.WHOLES, [(text.whole_cells(whole), COLOURS.get(whole.word)) for whole in found]
    rows = shown(comparison, everything)
    if rows:
        head = (*text.HEAD, *([text.OUTPUT] if apart else []))
        yield head, [(lines_of(row, apart), style(row)) for row in rows]


def decided(entry):
    """Whether a row or a backend is called faster or slower."""
    return entry.word in COLOURS


def style(row):
    """The colour of a row: what fails, what is slower, what is faster; words say it too."""
    return "bold red" if row.regressed or row.pair.kind == GONE else COLOURS.get(row.word)


def closing(comparison, apart, found, notes, everything):
    """The lines after the table."""
    hidden = len(comparison.rows) - len(shown(comparison, everything))
    yield text.tally(comparison) + (f"; not shown: {hidden} (--all shows them)" if hidden else "")
    yield from text.grouped([] if everything else [row for row in comparison.rows if summed(row)])
    yield from text.changed(comparison)
    yield from text.outputs(apart)
    yield from text.remarks(comparison)
    yield from notes
    yield from (f"FAILED: {text.clean(sentence)}" for sentence in found)
    if not found:
        yield "passed"


def markdown(comparison, apart, found, notes, everything=False):
    """A comparison as Markdown."""
    yield f"## Benchmarks: {'**failed**' if found else 'passed'}"
    yield ""
    yield from (
        f"- {name}: {escape(text.side(pool))}" for name, pool in (("base", comparison.base), ("new", comparison.new))
    )
    yield ""
    for head, entries in tables(comparison, apart, everything):
        yield f"| {' | '.join(head)} |"
        yield "|---" * len(head) + "|"
        yield from (f"| {' | '.join(map(escape, cells))} |" for cells, _ in entries)
        yield ""
    yield from (f"- {escape(line)}" for line in closing(comparison, apart, found, notes, everything))


def escape(cell):
    """Text that Markdown shows as it is: names come from a file that anybody may have written."""
    for sign, code in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        cell = cell.replace(sign, code)
    for sign in "\\`*_[]|#":
        cell = cell.replace(sign, "\\" + sign)
    return cell
