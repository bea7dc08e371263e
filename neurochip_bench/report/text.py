"""Tables and answers as files: CSV that no spreadsheet takes for formulas, Markdown that no name can break."""

from __future__ import annotations

import csv
import io
import math
import re

from neurochip_bench.report.values import is_number, shown

FORMULA = ("=", "+", "-", "@", "\t", "\r", "|", "%")


def to_csv(table):
    """The table as CSV: numbers in full, strings that a spreadsheet would compute behind an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.heads)
    writer.writerows([[_csv(value) for value in row] for row in table.rows])
    return out.getvalue()


def _csv(value):
    value = getattr(value, "name", value)  # a machine
    if isinstance(value, str):
        return f"'{value}" if value.lstrip().startswith(FORMULA) else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None or (isinstance(value, float) and not math.isfinite(value)) else value


def to_markdown(table):
    """The table as Markdown, numbers to three digits."""
    heads, rows, numeric = table.for_people()
    lines = [_line(map(escaped, heads)), _line("--:" if right else "---" for right in numeric)]
    lines += [_line(map(_markdown, row)) for row in rows]
    note = [f"\n{table.note}"] if table.note else []
    return "\n".join([f"### {table.title}\n", *lines, *note, ""])


def answers_to_markdown(answers, machines, origins, warnings):
    """The answers of "Which hardware?" as Markdown, below the machines and the runs that they are about."""
    parts = ["# Which hardware?\n", *(f"{escaped(machine.title)}\n" for machine in machines)]
    parts += [*(f"- {escaped(sentence)}" for sentence in origins), ""]
    parts += [f"**{escaped(sentence)}**\n" for sentence in warnings]
    for answer in answers:
        parts += [
            f"## {answer.question}\n",
            *(line for sentence in answer.sentences for line in _bullets(sentence)),
            "",
        ]
    return "\n".join(parts)


def _bullets(sentence):
    if isinstance(sentence, str):
        return [f"- {_with_code(sentence)}"]
    head, lines = sentence
    return [f"- {_with_code(head)}", *(f"  - {_with_code(line)}" for line in lines)]


def escaped(words):
    """Words in which no sign means anything to Markdown or HTML."""
    return re.sub(r"([\\`*_\[\]<>|$~&#])", r"\\\1", words)


def _with_code(sentence):
    parts = re.split("`([^`]*)`", sentence)  # our own commands; a name's backtick only makes code of other words
    return "".join(f"`{part.replace('|', '')}`" if i % 2 else escaped(part) for i, part in enumerate(parts))


def _markdown(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    if is_number(value):
        return shown(value) if math.isfinite(value) else "not finite"
    return "–" if value is None else escaped(value)


def _line(cells):
    return f"| {' | '.join(cells)} |"
