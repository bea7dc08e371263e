"""Tables and answers as files: CSV that no spreadsheet takes for formulas, Markdown that no name can break."""

from __future__ import annotations

import csv
import io
import math
import re
from typing import Iterable

from neurochip_bench.keep import markdown
from neurochip_bench.report.answer import Answer, Listed
from neurochip_bench.report.glossary import Entry
from neurochip_bench.report.machines import Machine
from neurochip_bench.report.table import Plain, Table, Value
from neurochip_bench.report.values import shown

FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")


def to_csv(table: Table) -> str:
    """The table as CSV: numbers in full, strings that a spreadsheet would compute behind an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.heads)
    writer.writerows([[_csv(value) for value in row] for row in table.rows])
    return out.getvalue()


def _csv(value: Value) -> str | float:
    if isinstance(value, Machine):
        return _csv(value.name)
    if isinstance(value, str):
        return f"'{value}" if value.lstrip().startswith(FORMULA) else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None or (isinstance(value, float) and not math.isfinite(value)) else value


def to_markdown(table: Table) -> str:
    """The table as Markdown, numbers to three digits."""
    people = table.for_people()
    numbers = [head for head, numeric in zip(people.heads, people.numeric) if numeric]
    rows = [[_markdown(value) for value in row] for row in people.rows]
    note = [f"\n{table.note}"] if table.note else []
    return "\n".join([f"### {table.title}\n", *markdown.table(people.heads, rows, numbers), *note, ""])


def answers_to_markdown(
    answers: Iterable[Answer],
    machines: Iterable[Machine],
    words: Iterable[Entry],
    origins: Iterable[str],
    warnings: Iterable[str],
) -> str:
    """The answers of "Which hardware?" as Markdown, below the machines and the runs that they are about."""
    parts = ["# Which hardware?\n", *(f"{markdown.literal(machine.title)}\n" for machine in machines)]
    parts += [*(f"- {entry.word}: {entry.meaning}" for entry in words), ""]
    parts += [*(f"- {markdown.literal(sentence)}" for sentence in origins), ""]
    parts += [f"**{markdown.literal(sentence)}**\n" for sentence in warnings]
    for answer in answers:
        parts += [
            f"## {answer.question}\n",
            *(line for sentence in answer.sentences for line in _bullets(sentence)),
            "",
        ]
    return "\n".join(parts)


def _bullets(sentence: str | Listed) -> list[str]:
    if isinstance(sentence, str):
        return [f"- {_with_code(sentence)}"]
    return [f"- {_with_code(sentence.head)}", *(f"  - {_with_code(line)}" for line in sentence.lines)]


def _with_code(sentence: str) -> str:
    parts = re.split("`([^`]*)`", sentence)  # our own commands; a name's backtick only makes code of other words
    return "".join(f"`{part.replace('|', '')}`" if i % 2 else markdown.literal(part) for i, part in enumerate(parts))


def _markdown(value: Plain) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return markdown.literal(value)
    return shown(value) if value is None or math.isfinite(value) else "not finite"
