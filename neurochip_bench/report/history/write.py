"""A history on disk: a page that holds all it needs, and each of its pictures as SVG and PNG."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Sequence

from jinja2 import Environment
from markupsafe import Markup

from neurochip_bench import files
from neurochip_bench.report.history.figure import CAPTION, panels
from neurochip_bench.report.history.series import History
from neurochip_bench.report.history.steps import Step
from neurochip_bench.report.history.text import at_run, grouped, lead, step_in_words, turn_in_words, turned
from neurochip_bench.report.page.words import whole
from neurochip_bench.report.render import DPI, inline, render


def write(history: History, found: Sequence[Step], folder: Path, dpi: int = DPI) -> Path:
    """Write the page of a history and its pictures into a folder, which is made where it is missing; the page's path.

    Raises OSError where it cannot be written.
    """
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    index = folder / "history.html"
    files.write(index, page(history, found, _draw(history, found, folder / "figures", dpi)))
    return index


def _draw(history: History, found: Sequence[Step], folder: Path, dpi: int) -> list[tuple[str, Markup]]:
    """(name of its files, SVG) of each panel, written too."""
    drawn = []
    for i, panel in enumerate(panels(history, found)):
        name = f"history-{i + 1}-{re.sub('[^a-z0-9]+', '-', panel.title.lower())[:60].strip('-')}"
        svg, png = render(panel.draw, dpi)
        files.write(folder / f"{name}.svg", svg)
        files.write(folder / f"{name}.png", png)
        drawn.append((name, Markup(inline(svg, name, panel.title, panel.alt))))
    return drawn


def page(history: History, found: Sequence[Step], drawn: Sequence[tuple[str, Markup]]) -> str:
    """The page's HTML; everything from a saved run is escaped on its way in."""
    steps = [
        (f"{at_run(history, run, group[0])}: {backend}, rows: {len(group)}", [step_in_words(step) for step in group])
        for (run, backend), group in grouped(found).items()
    ]
    environment = Environment(autoescape=True, trim_blocks=True)
    environment.filters["whole"] = whole
    return environment.from_string(_file("history", "history.html")).render(
        css=Markup(_file("page", "page.css")),
        lead=lead(history),
        machines=[machine.title for machine in history.machines],
        troubles=history.troubles,
        steps=steps,
        turns=[turn_in_words(history, turn) for turn in turned(history)],
        caption=CAPTION,
        panels=drawn,
    )


def _file(package: str, name: str) -> str:
    return (resources.files(f"neurochip_bench.report.{package}") / name).read_text(encoding="utf-8")
