"""Markdown tables, and words that mean nothing to Markdown."""

from __future__ import annotations

import re
from typing import Collection, Iterable, Sequence


def literal(words: str) -> str:
    """Words in which no sign means anything to Markdown or HTML: anybody may have written a file."""
    return re.sub(r"([\\`*_\[\]<>|$~&#])", r"\\\1", words)


def table(head: Sequence[str], rows: Iterable[Iterable[object]], right: Collection[str] = ()) -> list[str]:
    """The lines of a table; the columns of `right`, by their heads, stand to the right, as numbers do.

    Cells are Markdown, in one line; a bar in them is no border.
    """
    rule = ["--:" if name in right else "---" for name in head]
    return [_line(head), f"|{'|'.join(rule)}|", *map(_line, rows)]


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(value: object) -> str:
    line = " ".join(str(value).splitlines())
    return re.sub(r"\\.|\|", lambda found: r"\|" if found[0] == "|" else found[0], line)
