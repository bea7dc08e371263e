"""Fig. 7A: what it takes until a network runs."""

from __future__ import annotations

from matplotlib.patches import Patch

from neurochip_bench.report.figures import style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.figures.lines import word
from neurochip_bench.report.values import shown

CAPTION = (
    "Seconds until a network runs: building it, writing its file where there is one (export), compiling, and what"
    " the first run takes beyond a later one where that stands out of their spread. The paper shows the same at "
    "729 cells (its Fig. 7A, without numbers to draw here)."
)
PAPER_CELLS = 729
PARTS = (
    ("build", "#0072b2", ""),
    ("export", "#56b4e9", "\\\\\\"),
    ("compile", "#e69f00", "..."),
    ("first run", "#d55e00", "///"),
)


def figure(pool):
    """The `Figure`: a panel for each model and connectivity with rows that say their setup time."""
    networks = dict.fromkeys([*pool.networks, *(row.network[:2] for row in pool.of("setup") if row.cells)])
    groups = ((network, chosen(pool, *network)) for network in networks if None not in network)
    panels = [panel(model, connectivity, rows) for (model, connectivity), rows in groups if rows]
    missing = None if panels else not_measured("setup", "setup times")
    return Figure("setup", "Setup time (Fig. 7A)", CAPTION, panels, missing=missing)


def parts(row):
    """Seconds of each of `PARTS`, None where the row lacks one that it must have; exporting is a part of compiling."""
    build, compiling = row.number("build_s"), row.number("compile_s")
    if build is None or compiling is None:
        return None
    export, first = row.number("export_s") or 0.0, row.number("jit_s")
    if first is None:
        first = beyond(row)
    return tuple(max(0.0, part) for part in (build, export, compiling - export, first))


def beyond(row):
    """What the first run took beyond a later one, 0 where it lies within their spread or is not known."""
    first, median, most = row.number("first_run_s"), row.stat("median"), row.stat("max")
    return first - median if first and median and most and first > most else 0.0


def chosen(pool, model, connectivity):
    """One row a series, the right ones first, at 729 cells, or the largest size up to there, or the smallest beyond."""
    found: dict = {}
    for row in pool.of("setup", "run", "scaling", "speedup"):
        if row.network[:2] == (model, connectivity) and row.cells and row.backend and parts(row):
            by_series = found.setdefault(row.cells, {})
            known = by_series.setdefault(row.series, row)
            if (row.run, row.experiment == "setup") >= (known.run, known.experiment == "setup"):
                by_series[row.series] = row
    below = [cells for cells in found if cells <= PAPER_CELLS]
    size = max(below) if below else min(found, default=None)
    return sorted(found.get(size, {}).values(), key=lambda row: (not row.right, sum(parts(row))))


def panel(model, connectivity, rows):
    """The `Panel` of a kind of network."""
    said = [
        f"{row.series}: {shown(sum(parts(row)))} s ("
        + ", ".join(f"{name} {shown(part)}" for (name, *_), part in zip(PARTS, parts(row)))
        + f"), {word(row)}."
        for row in rows
    ]
    title = f"{model}, {connectivity}, {rows[0].cells:,} cells"
    return Panel(f"setup-{model}-{connectivity}", title, " ".join(["Setup seconds.", *said]), lambda: draw(rows, title))


def draw(rows, title):
    """The drawing of a panel: a bar a series, stacked, its verdict beside it."""
    drawing, axes = style.drawing(1.3 + 0.34 * len(rows))
    for y, row in enumerate(rows):
        start = 0.0
        for (_, colour, hatch), seconds in zip(PARTS, parts(row)):
            look = {"color": colour, "hatch": hatch, "edgecolor": style.PAPER, "linewidth": 0}
            axes.barh(y, seconds, 0.66, left=start, **look)
            start += seconds
        axes.annotate(
            f"{shown(start)} s",
            (start, y),
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
        style.beside(axes, y, row.verdict)
    axes.set_yticks(range(len(rows)), [style.short(row.series) for row in rows])
    axes.set(xlabel="s", title=style.short(title, 60), ylim=(len(rows) - 0.4, -0.6))
    axes.margins(x=0.16)
    axes.set_xlim(left=0)
    axes.grid(visible=False, axis="y")
    entries = [Patch(facecolor=c, hatch=h, edgecolor=style.PAPER, label=name) for name, c, h in PARTS]
    style.legend(drawing, [*entries, *style.faces([row.verdict for row in rows])])
    return drawing
