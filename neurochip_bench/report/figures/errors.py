"""Error against time: which backend is both right and fast."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Mapping, Sequence

from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import legend, marks, scale, style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.figures.lines import doubt, word
from neurochip_bench.report.row import NetworkKind, Timed, Worst
from neurochip_bench.report.values import shown

LEAST = 1e-4  # errors below are drawn here
MOST = 1e4  # and those above, or not finite, here
RADIUS = 0.04  # of a marker with its ring, as a part of the height of the axes
CAPTION = (
    "Each row's worst error as a part of what is usable, over its seconds per simulated second: below 1 a result is "
    f"right, and left of 1 it is faster than real time. Best is the lower left. Errors below {LEAST:g} or above "
    f"{MOST:,.0f} lie on the edge; at the largest size that most backends ran. Points that would hide each other are "
    "drawn side by side, and those that would lie on the line at 1 on their side of it."
)


@dataclass(frozen=True)
class Judged:
    """A timed row with its worst error."""

    timed: Timed
    worst: Worst

    @property
    def series(self) -> str:
        """The line of the figures that it belongs to."""
        return self.timed.row.series

    @property
    def height(self) -> float:
        """Its worst error within the edges."""
        ratio = self.worst.ratio
        return min(max(ratio, LEAST), MOST) if math.isfinite(ratio) else MOST


def figure(collected: Collected) -> Figure:
    """The `Figure`: a panel for each model and connectivity with a row that was judged."""
    found = [(kind, chosen(collected, kind)) for kind in collected.networks]
    panels = [panel(collected, kind, rows) for kind, rows in found if rows]
    missing = None if panels else not_measured("scaling", "rows that were timed and judged")
    return Figure("errors", "Error against time", CAPTION, panels, missing=missing)


def chosen(collected: Collected, kind: NetworkKind) -> list[Judged]:
    """The judged rows of the size that most series ran, the largest of those."""
    rows = [Judged(timed, timed.row.worst) for timed in collected.timed_of(kind) if timed.row.worst is not None]
    series: dict[int, set[str]] = {}
    for row in rows:
        series.setdefault(row.timed.cells, set()).add(row.series)
    size = max(series, key=lambda cells: (len(series[cells]), cells), default=None)
    return [row for row in rows if row.timed.cells == size]


def panel(collected: Collected, kind: NetworkKind, rows: Sequence[Judged]) -> Panel:
    """The `Panel` of a kind of network."""
    said = [in_words(row) for row in sorted(rows, key=lambda row: row.timed.rtf)]
    title = f"{kind.title}, {rows[0].timed.cells:,} cells"
    alt = f"Worst error over seconds per simulated second. {' '.join(said)}"
    return Panel(f"errors-{kind.key}", title, alt, lambda: draw(style.looks(collected), rows, title))


def in_words(row: Judged) -> str:
    """A row as the description of its picture has it: its series, time, verdict and worst measure."""
    what = f"{shown(row.worst.ratio)} of what is usable ({row.worst.measure})"
    return f"{row.series}: {shown(row.timed.rtf)} s, {word(row.timed.row)}{doubt(row.timed.row)}, {what}."


def limits(heights: Sequence[float]) -> tuple[float, float]:
    """The ends of the axis of errors, with room beside its line at 1."""
    return min(*heights, 0.1) / 3, max(*heights, 1.0) * 5


def off_line(row: Judged, ratio: float) -> float:
    """The height of a point, by a ratio of heights clear of the line at 1: a right one below it, any other beyond."""
    if row.timed.row.right:
        return min(row.height, 1 / ratio)
    return max(row.height, ratio) if row.height > 1 / ratio else row.height


def draw(looks: Mapping[str, style.Look], rows: Sequence[Judged], title: str) -> style.Drawing:
    """The drawing of a panel."""
    drawing, axes = style.drawing()
    scale.logarithmic(axes.xaxis)
    scale.logarithmic(axes.yaxis)
    low, high = limits([row.height for row in rows])
    places = [(row.timed.rtf, off_line(row, (high / low) ** RADIUS)) for row in rows]
    for row, x, (_, y) in zip(rows, marks.apart(places, near=(1.12, 1.4), by=1.12), places):
        marks.point(axes, x, y, row.timed.row.verdict, looks[row.series], size=9)
        marks.doubt(axes, x, y, row.timed.row, size=9)
    times = [x for x, _ in places]
    axes.set_xlim(min(*times, 1.0) / 2.5, max(*times, 1.0) * 2.5)
    axes.set_ylim(low, high)
    axes.axhline(1.0, color=style.COLOURS[1], linewidth=1.4)
    axes.axvline(1.0, color=style.INK, linewidth=1.1)
    side = {"textcoords": "offset points", "fontsize": 9}
    axes.annotate("not right above", (axes.get_xlim()[1], 1.0), (-2, 4), ha="right", color=style.COLOURS[1], **side)
    axes.annotate("real time", (1.0, axes.get_ylim()[1]), (-4, -11), ha="right", **side)
    axes.set(xlabel=style.RTF, ylabel="worst error / largest usable error", title=style.short(title, 60))
    names = sorted({row.series for row in rows})
    entries = [legend.entry(name, replace(looks[name], dash="none")) for name in names]
    legend.below(drawing, [*entries, *legend.of_rows(row.timed.row for row in rows)])
    return drawing
