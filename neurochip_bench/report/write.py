"""The report on disk: index.html, which-hardware.md, figures/ and tables/."""

from __future__ import annotations

import re
from itertools import chain, count
from pathlib import Path
from typing import Iterable

from markupsafe import Markup

from neurochip_bench import files
from neurochip_bench.report.answers import answers
from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import figures
from neurochip_bench.report.figures.figure import Figure
from neurochip_bench.report.glossary import glossary
from neurochip_bench.report.origin import origins, warnings
from neurochip_bench.report.page import Shown, ShownFigure, page
from neurochip_bench.report.render import DPI, inline, render
from neurochip_bench.report.tables import tables
from neurochip_bench.report.text import answers_to_markdown, to_csv, to_markdown


def write(collected: Collected, folder: str | Path, dpi: int = DPI) -> Path:
    """Write the report of what was collected into a folder, which is made where it is missing; the path of the page.

    Raises OSError where it cannot be written.
    """
    folder = Path(folder)
    for place in (folder / "figures", folder / "tables"):
        place.mkdir(parents=True, exist_ok=True)
    said, listed = answers(collected), tables(collected)
    drawn = _draw(figures(collected), folder / "figures", dpi)
    for table in listed:
        files.write(folder / "tables" / f"{table.key}.csv", to_csv(table))
        files.write(folder / "tables" / f"{table.key}.md", to_markdown(table))
    about = collected.machines, glossary(collected), origins(collected), warnings(collected)
    words = answers_to_markdown(said, *about)
    files.write(folder / "which-hardware.md", words)
    index = folder / "index.html"
    files.write(index, page(collected, drawn, said, listed))
    return index


def _draw(all_figures: Iterable[Figure], folder: Path, dpi: int) -> list[ShownFigure]:
    """Each figure with its panels drawn, and written as SVG and PNG."""
    taken: set[str] = set()
    drawn = []
    for figure in all_figures:
        panels = []
        for panel in figure.panels:
            name = _file_name(panel.key, taken)
            svg, png = render(panel.draw, dpi)
            files.write(folder / f"{name}.svg", svg)
            files.write(folder / f"{name}.png", png)
            title = f"{figure.title}: {panel.title}"
            panels.append(Shown(name, Markup(inline(svg, name, title, panel.alt))))
        drawn.append(ShownFigure(figure, panels))
    return drawn


def _file_name(key: str, taken: set[str]) -> str:
    """A file's name from a key that may hold anything: letters, digits and hyphens, used once."""
    plain = re.sub("[^a-z0-9]+", "-", key.lower())[:60].strip("-") or "panel"
    name = next(n for n in chain([plain], (f"{plain}-{i}" for i in count(2))) if n not in taken)
    taken.add(name)
    return name
