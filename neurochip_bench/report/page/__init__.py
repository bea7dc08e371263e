"""The page: one HTML file that holds all it needs."""

from __future__ import annotations

import base64
import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Sequence

from jinja2 import Environment, Template
from markupsafe import Markup

from neurochip_bench.keep.words import VERDICTS
from neurochip_bench.report.answer import Answer
from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures.figure import Figure
from neurochip_bench.report.glossary import glossary
from neurochip_bench.report.origin import origins, warnings
from neurochip_bench.report.page.words import code, whole
from neurochip_bench.report.published import published
from neurochip_bench.report.table import Table
from neurochip_bench.report.values import shown, text


@dataclass(frozen=True)
class Shown:
    """A panel as the page shows it."""

    file: str
    svg: Markup


@dataclass(frozen=True)
class ShownFigure:
    """A figure as the page shows it, its panels drawn."""

    figure: Figure
    panels: list[Shown]

    @property
    def short(self) -> str:
        """The title's first words."""
        return self.figure.title.split(" (")[0].split(":")[0]


def page(
    collected: Collected, figures: Sequence[ShownFigure], answers: Sequence[Answer], tables: Sequence[Table]
) -> str:
    """The page's HTML; everything from a saved run is escaped on its way in."""
    js = _file("page.js")
    return _template().render(
        css=Markup(_file("page.css")),
        js=Markup(js),
        script_hash="sha256-" + base64.b64encode(hashlib.sha256(js.encode()).digest()).decode(),
        lead=lead(collected),
        troubles=[*collected.troubles, *warnings(collected)],
        origins=origins(collected),
        machines=collected.machines,
        glossary=glossary(collected),
        verdicts=VERDICTS,
        answers=answers,
        figures=figures,
        absent=[shown.figure for shown in figures if not shown.panels],
        tables=tables,
        citation=published()["citation"],
    )


def lead(collected: Collected) -> str:
    """What the page is of, in one or two sentences."""
    right, failed = sum(row.right for row in collected.rows), len(collected.failed())
    times = sorted(date[:10] for date in (text(run.datetime, 300) for run in collected.runs) if date)
    when = f", saved {times[0]}" + (f" to {times[-1]}" if times[-1] != times[0] else "") if times else ""
    where = f"{len(collected.machines)} machine{'s' * (len(collected.machines) != 1)}"
    runs = f"{len(collected.runs)} saved run{'s' * (len(collected.runs) != 1)}"
    if not collected.rows:
        return f"{runs} of {where}{when}: there are no rows in them."
    judged = sum(row.is_judged for row in collected.rows)
    return f"{runs} of {where}{when}: {right:,} of {judged:,} judged rows are right, {failed:,} did not finish."


@lru_cache(maxsize=None)
def _template() -> Template:
    environment = Environment(autoescape=True, trim_blocks=True)
    environment.filters.update(shown=_shown, code=code, exact=_exact, whole=whole)
    return environment.from_string(_file("page.html"))


def _file(name: str) -> str:
    return (resources.files("neurochip_bench.report.page") / name).read_text(encoding="utf-8")


def _shown(value: float) -> str:
    return "not finite" if isinstance(value, float) and math.isinf(value) else shown(value)


def _exact(value: float) -> str:
    """A number as JavaScript reads it."""
    return "Infinity" if isinstance(value, float) and math.isinf(value) else repr(value)
