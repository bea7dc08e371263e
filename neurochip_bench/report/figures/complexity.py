"""Fig. 9: the fastest right backend of each model, connectivity and size, and its time."""

from __future__ import annotations

import math
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from neurochip_bench.keep.distance import TIE, leaders
from neurochip_bench.report.collected import CONNECTIVITIES, Collected
from neurochip_bench.report.figures import legend, marks, style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.figures.lines import doubt, word
from neurochip_bench.report.published import fastest
from neurochip_bench.report.row import NetworkKind, Timed
from neurochip_bench.report.values import shown

CAPTION = (
    "The fastest right backend of each model, connectivity and size with its seconds per simulated second, and below "
    "it those of the paper's fastest platform of 2024 (Fig. 9). With others behind it (+2) it is a tie: these are "
    f"within {TIE:g} times. Blue: faster than real time; orange: slower. Hatched: timed, but nothing was right."
)
SHADES = (  # up to this many wall seconds per model second; all are light enough for black letters
    (0.1, "#8fbfe0"),
    (1.0, "#cfe3f2"),
    (10.0, "#fbe3b5"),
    (math.inf, "#f4b183"),
)
LETTERS = "#111418"


@dataclass(frozen=True)
class Box:
    """One cell of the grid.

    right  the fastest right row and those that tie with it
    paper  the published seconds, or None
    """

    right: list[Timed]
    paper: float | None

    @property
    def best(self) -> Timed | None:
        """The fastest right row, or None."""
        return self.right[0] if self.right else None


@dataclass(frozen=True)
class Grid:
    """The boxes of a model by connectivity and number of cells where any row was timed, and the connectivities."""

    boxes: dict[tuple[str, int], Box]
    columns: list[str]


def figure(collected: Collected) -> Figure:
    """The `Figure`: a panel for each model that was timed."""
    models = dict.fromkeys(kind.model for kind in collected.networks if not kind.own)
    panels = [panel(collected, model) for model in models]
    return Figure(
        "complexity",
        "Model complexity: the fastest right backend (Fig. 9)",
        CAPTION,
        panels,
        missing=None if panels else not_measured("complexity", "timed rows"),
    )


def grid(collected: Collected, model: str) -> Grid:
    """The `Grid` of a model."""
    boxes: dict[tuple[str, int], Box] = {}
    ran = [kind.connectivity for kind in collected.networks if kind.model == model and not kind.own]
    columns = list(dict.fromkeys([*CONNECTIVITIES, *ran]))
    for connectivity in columns:
        kind = NetworkKind(model, connectivity)
        paper, ranked = dict(fastest(kind)), collected.fastest(kind)
        timed = {row.cells for row in collected.timed_of(kind)}
        for cells in timed:
            right = leaders(ranked.get(cells, []), lambda timed: timed.rtf)
            boxes[connectivity, cells] = Box(right, paper.get(cells))
    return Grid(boxes, columns)


def panel(collected: Collected, model: str) -> Panel:
    """The `Panel` of a model."""
    found = grid(collected, model)
    title = f"{style.short(model)}, {style.RTF}"
    boxes = sorted(found.boxes.items(), key=lambda item: item[0])
    said = [f"{connectivity}, {cells:,} cells: {in_words(box)}." for (connectivity, cells), box in boxes]
    alt = f"Fastest right backend, seconds per simulated second. {' '.join(said)}"
    return Panel(f"complexity-{model}", title, alt, lambda: draw(found, title))


def in_words(box: Box) -> str:
    """The fastest right row of a box, and who ties with it."""
    if box.best is None:
        return "nothing right"
    tied = ", ".join(timed.row.series for timed in box.right[1:])
    beside = f" (or {tied})" if tied else ""
    return f"{box.best.row.series} {shown(box.best.rtf)} s, {word(box.best.row)}{doubt(box.best.row)}{beside}"


def draw(found: Grid, title: str) -> style.Drawing:
    """The drawing of a panel: a row a size, a column a connectivity."""
    sizes = sorted({cells for _, cells in found.boxes})
    drawing, axes = style.drawing(0.9 + 0.38 * len(sizes))
    for y, cells in enumerate(sizes):
        for x, connectivity in enumerate(found.columns):
            if (connectivity, cells) in found.boxes:
                draw_box(axes, x, y, found.boxes[connectivity, cells])
    axes.set(xlim=(0, len(found.columns)), ylim=(len(sizes), 0), ylabel="cells")
    axes.set_xticks([x + 0.5 for x in range(len(found.columns))], [style.short(name, 20) for name in found.columns])
    axes.xaxis.tick_top()
    axes.set_yticks([y + 0.5 for y in range(len(sizes))], [f"{cells:,}" for cells in sizes])
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.set_title(style.heading(title), pad=24)
    legend.below(drawing, legend.of_rows(box.best.row for box in found.boxes.values() if box.best))
    return drawing


def draw_box(axes: Axes, x: int, y: int, box: Box) -> None:
    """One cell of the grid, its upper left corner at (x, y)."""
    best = box.best
    face = style.PAPER if best is None else next(colour for limit, colour in SHADES if best.rtf <= limit)
    hatch = "////" if best is None else None
    patch = {"facecolor": face, "edgecolor": style.GRID, "hatch": hatch, "linewidth": 0.8}
    axes.add_patch(Rectangle((x + 0.01, y + 0.04), 0.98, 0.92, **patch))
    place = {"ha": "center", "va": "center", "clip_on": True}
    if best is not None:
        tied = len(box.right) - 1
        name = style.short(best.row.series, 30) + (f" +{tied}" if tied else "")
        axes.text(x + 0.53, y + 0.32, f"{shown(best.rtf)} s  {name}", fontsize=9, color=LETTERS, **place)
        marks.point(axes, x + 0.06, y + 0.32, best.row.verdict, style.Look(style.MUTED, "o"), size=7)
        marks.doubt(axes, x + 0.06, y + 0.32, best.row, size=7)
    else:
        axes.text(x + 0.5, y + 0.32, "nothing right", fontsize=9, **place)
    if box.paper is not None:
        colour = style.MUTED if best is None else LETTERS
        axes.text(x + 0.5, y + 0.72, f"paper {shown(box.paper)} s", fontsize=8.5, color=colour, **place)
