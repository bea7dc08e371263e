"""Fig. 6: wall time over the number of cells."""

from __future__ import annotations

from matplotlib.lines import Line2D

from neurochip_bench.report.figures import lines, style
from neurochip_bench.report.figures.figure import PUBLISHED_ONLY, Figure, Panel, unmeasured
from neurochip_bench.report.published import claims, fastest, published
from neurochip_bench.report.values import shown

PAPER = (("io", "unconnected"), ("io", "connected"))
CAPTION = (
    "Wall seconds per second of model time (best round of 100 ms, transfers included) over the number of cells, "
    "as in the paper's Fig. 6, for every model. Below the line at 1 a network runs in real time. The mouse's "
    "inferior olive has about 10⁴ cells, the human's 10⁶ to 10⁷. Dotted in black: the paper's fastest platform of"
    " each size. Points that would hide each other are drawn side by side."
)


def figure(pool):
    """The `Figure`: a panel for each model and connectivity that was timed, and for the paper's two."""
    networks = dict.fromkeys([*pool.networks, *PAPER])
    panels = [panel(pool, *network) for network in networks]
    missing = unmeasured(panels, "scaling", "timed rows")
    return Figure("times", "Time over network size (Fig. 6)", CAPTION, panels, published()["notes"], missing)


def panel(pool, model, connectivity):
    """The `Panel` of a kind of network."""
    found = lines.points(pool, model, connectivity)
    said = lines.in_words(found, lambda row: row.rtf, "s")
    title = f"{model}, {connectivity}"
    if not found:
        title += f" ({PUBLISHED_ONLY})"
        paper = ", ".join(f"{shown(s)} s at {n:,} cells" for n, s in fastest(model, connectivity))
        said = f"Paper, fastest platform: {paper}. Not measured here: run `pytest -m scaling`."
    alt = f"Wall seconds per model second. {said}"
    return Panel(f"times-{model}-{connectivity}", title, alt, lambda: draw(pool, found, model, connectivity, title))


def draw(pool, found, model, connectivity, title):
    """The drawing of a panel."""
    drawing, axes = style.drawing()
    style.logarithmic(axes.xaxis)
    style.logarithmic(axes.yaxis)
    series, faces = lines.draw(axes, found, style.styles(pool), lambda row: row.rtf)
    paper = overlay(axes, fastest(model, connectivity), claims(model, connectivity))
    axes.axhline(1.0, color=style.INK, linewidth=1.1)
    axes.annotate("real time", (1.1e7, 1.0), (0, 3), textcoords="offset points", ha="right", fontsize=9)
    lines.olives(axes)
    axes.set(xlim=(30, 1.2e7), xlabel="cells", ylabel="wall s per model s")
    axes.set_title(style.heading(title), pad=18)
    style.legend(drawing, [*series, *paper, *faces])
    return drawing


def overlay(axes, line, single):
    """The paper's numbers; returns the legend's entries."""
    entries = []
    if line:
        look = {"color": style.INK, "linestyle": ":", "marker": ".", "markersize": 5, "linewidth": 1.2, "zorder": 2}
        axes.plot([n for n, _ in line], [s for _, s in line], **look)
        entries.append(Line2D([], [], label="paper: fastest platform", **look))
    for (name, cells, seconds), marker in zip(single, ("1", "2", "3", "4")):
        look = {"color": style.INK, "linestyle": "none", "marker": marker, "markersize": 10, "markeredgewidth": 1.6}
        axes.plot([cells], [seconds], **look, zorder=5)
        entries.append(Line2D([], [], label=f"paper: {name}", **look))
    return entries
