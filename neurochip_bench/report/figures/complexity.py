"""Fig. 9: the fastest right backend of each model, connectivity and size, and its time."""

from __future__ import annotations

import math

from matplotlib.patches import Rectangle

from neurochip_bench.report.figures import style
from neurochip_bench.report.figures.figure import PUBLISHED_ONLY, Figure, Panel, unmeasured
from neurochip_bench.report.figures.lines import word
from neurochip_bench.report.pool import CONNECTIVITIES, MODELS
from neurochip_bench.report.published import fastest
from neurochip_bench.report.values import shown

CAPTION = (
    "The fastest right backend of each model, connectivity and size with its wall seconds per model second, and "
    "below it the seconds of the paper's fastest platform of 2024 (Fig. 9). Blue: faster than real time; orange: "
    "slower. Hatched: timed, but nothing was right."
)
SHADES = (  # up to this many wall seconds per model second; all are light enough for black letters
    (0.1, "#8fbfe0"),
    (1.0, "#cfe3f2"),
    (10.0, "#fbe3b5"),
    (math.inf, "#f4b183"),
)
LETTERS = "#111418"


def figure(pool):
    """The `Figure`: a panel for each model that was timed, and for each of the paper's."""
    models = dict.fromkeys([*(model for model, _ in pool.networks), *MODELS])
    panels = [panel(pool, model) for model in models]
    return Figure(
        "complexity",
        "Model complexity: the fastest right backend (Fig. 9)",
        CAPTION,
        panels,
        missing=unmeasured(panels, "complexity", "timed rows"),
    )


def grid(pool, model):
    """{(connectivity, cells): (fastest right row or None, the paper's seconds or None)}, and the connectivities."""
    found: dict = {}
    columns = list(dict.fromkeys([*CONNECTIVITIES, *(name for kind, name in pool.networks if kind == model)]))
    for connectivity in columns:
        paper, ranked = dict(fastest(model, connectivity)), pool.fastest(model, connectivity)
        timed = {row.cells for row in pool.timed if row.network[:2] == (model, connectivity)}
        for cells in {*paper, *timed}:
            found[connectivity, cells] = (ranked[cells][0] if cells in ranked else None, paper.get(cells))
    return found, columns


def panel(pool, model):
    """The `Panel` of a model."""
    found, columns = grid(pool, model)
    timed = {row.network[1:] for row in pool.timed if row.network[0] == model}
    title = f"{style.short(model)}, wall s per model s" + ("" if timed else f" ({PUBLISHED_ONLY})")
    said = []
    for (connectivity, cells), (row, paper) in sorted(found.items(), key=lambda item: item[0]):
        if (connectivity, cells) in timed:
            what = f"{row.series} {shown(row.rtf)} s, {word(row)}" if row else "nothing right"
            said.append(f"{connectivity}, {cells:,} cells: {what}.")
        elif not timed:
            said.append(f"{connectivity}, {cells:,} cells: paper {shown(paper)} s.")
    alt = f"Fastest right backend, wall seconds per model second. {' '.join(said)}"
    return Panel(f"complexity-{model}", title, alt, lambda: draw(found, columns, timed, title))


def draw(found, columns, timed, title):
    """The drawing of a panel: a row a size, a column a connectivity."""
    sizes = sorted({cells for _, cells in found})
    drawing, axes = style.drawing(0.9 + 0.38 * len(sizes))
    for y, cells in enumerate(sizes):
        for x, connectivity in enumerate(columns):
            row, paper = found.get((connectivity, cells), (None, None))
            box(axes, x, y, row, paper, (connectivity, cells) in timed)
    axes.set(xlim=(0, len(columns)), ylim=(len(sizes), 0), ylabel="cells")
    axes.set_xticks([x + 0.5 for x in range(len(columns))], [style.short(name, 20) for name in columns])
    axes.xaxis.tick_top()
    axes.set_yticks([y + 0.5 for y in range(len(sizes))], [f"{cells:,}" for cells in sizes])
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    axes.set_title(style.heading(title), pad=24)
    style.legend(drawing, style.faces([row.verdict for row, _ in found.values() if row]))
    return drawing


def box(axes, x, y, row, paper, timed):
    """One cell of the grid."""
    face = style.PAPER if row is None else next(colour for limit, colour in SHADES if row.rtf <= limit)
    hatch = "////" if timed and row is None else None
    patch = {"facecolor": face, "edgecolor": style.GRID, "hatch": hatch, "linewidth": 0.8}
    axes.add_patch(Rectangle((x + 0.01, y + 0.04), 0.98, 0.92, **patch))
    place = {"ha": "center", "va": "center", "clip_on": True}
    if row is not None:
        name = style.short(row.series, 30)
        axes.text(x + 0.53, y + 0.32, f"{shown(row.rtf)} s  {name}", fontsize=9, color=LETTERS, **place)
        style.point(axes, x + 0.06, y + 0.32, row.verdict, {"color": style.MUTED, "marker": "o"}, size=7)
    elif timed:
        axes.text(x + 0.5, y + 0.32, "nothing right", fontsize=9, **place)
    if paper is not None:
        colour = style.MUTED if row is None else LETTERS
        height = 0.72 if row is not None or timed else 0.5
        axes.text(x + 0.5, y + height, f"paper {shown(paper)} s", fontsize=8.5, color=colour, **place)
