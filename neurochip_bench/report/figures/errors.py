"""Error against time: which backend is both right and fast."""

from __future__ import annotations

import math

from neurochip_bench.report.figures import style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.figures.lines import word
from neurochip_bench.report.values import shown

LEAST = 1e-4  # errors below are drawn here
MOST = 1e4  # and those above, or not finite, here
CAPTION = (
    "Each row's worst error as a part of what is usable, over its wall seconds per model second: below 1 a result"
    f" is right, and left of 1 it is faster than real time. Best is the lower left. Errors below {LEAST:g} or "
    f"above {MOST:,.0f} lie on the edge; at the largest size that most backends ran. "
    "Points that would hide each other are drawn side by side."
)


def figure(pool):
    """The `Figure`: a panel for each model and connectivity."""
    panels = [made for made in (panel(pool, *network) for network in pool.networks) if made]
    missing = None if panels else not_measured("scaling", "rows that were timed and judged")
    return Figure("errors", "Error against time", CAPTION, panels, missing=missing)


def chosen(pool, model, connectivity):
    """The judged rows of the size that most series ran, the largest of those."""
    rows = [r for r in pool.timed if r.network[:2] == (model, connectivity) and r.worst[1] is not None]
    series: dict = {}
    for row in rows:
        series.setdefault(row.cells, set()).add(row.series)
    size = max(series, key=lambda cells: (len(series[cells]), cells), default=None)
    return [row for row in rows if row.cells == size]


def panel(pool, model, connectivity):
    """The `Panel` of a kind of network, None where no row was judged."""
    rows = chosen(pool, model, connectivity)
    if not rows:
        return None
    said = [
        f"{row.series}: {shown(row.rtf)} s, {word(row)}, {shown(row.worst[0])} of what is usable ({row.worst[1]})."
        for row in sorted(rows, key=lambda row: row.rtf)
    ]
    title = f"{model}, {connectivity}, {rows[0].cells:,} cells"
    alt = f"Worst error over wall seconds per model second. {' '.join(said)}"
    return Panel(f"errors-{model}-{connectivity}", title, alt, lambda: draw(pool, rows, title))


def draw(pool, rows, title):
    """The drawing of a panel."""
    drawing, axes = style.drawing()
    looks = style.styles(pool)
    style.logarithmic(axes.xaxis)
    style.logarithmic(axes.yaxis)
    beside = style.apart([(row.rtf, height(row)) for row in rows], near=(1.12, 1.4), by=1.12)
    for x, row in zip(beside, rows):
        style.point(axes, x, height(row), row.verdict, looks[row.series], size=9)
    times = [row.rtf for row in rows]
    axes.set_xlim(min(*times, 1.0) / 2.5, max(*times, 1.0) * 2.5)
    heights = [height(row) for row in rows]
    axes.set_ylim(min(*heights, 0.1) / 3, max(*heights, 1.0) * 5)
    axes.axhline(1.0, color=style.COLOURS[1], linewidth=1.4)
    axes.axvline(1.0, color=style.INK, linewidth=1.1)
    side = {"textcoords": "offset points", "fontsize": 9}
    axes.annotate("not right above", (axes.get_xlim()[1], 1.0), (-2, 4), ha="right", color=style.COLOURS[1], **side)
    axes.annotate("real time", (1.0, axes.get_ylim()[1]), (-4, -11), ha="right", **side)
    axes.set(xlabel="wall s per model s", ylabel="worst error / largest usable error", title=style.short(title, 60))
    names = list(dict.fromkeys(row.series for row in rows))
    entries = [style.entry(name, {**looks[name], "linestyle": "none"}) for name in sorted(names)]
    style.legend(drawing, [*entries, *style.faces([row.verdict for row in rows])])
    return drawing


def height(row):
    """Where a row's worst error is drawn."""
    return min(max(row.worst[0], LEAST), MOST) if math.isfinite(row.worst[0]) else MOST
