"""Lines over network sizes, with the verdict of each point: what times and costs are drawn with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Mapping

from matplotlib.axes import Axes

from neurochip_bench.accuracy import UNJUDGED
from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import legend, marks, style
from neurochip_bench.report.published import published
from neurochip_bench.report.row import NetworkKind, Row, Timed
from neurochip_bench.report.values import shown

Height = Callable[[Timed], float]  # where over the number of cells a point is drawn


@dataclass(frozen=True)
class Line:
    """The points of a series by size: the fastest right rows, and the fastest of each verdict that is not right."""

    right: list[Timed] = field(default_factory=list)
    wrong: list[Timed] = field(default_factory=list)

    @property
    def points(self) -> list[Timed]:
        """All of them, the right ones first."""
        return [*self.right, *self.wrong]


Lines = Mapping[str, Line]  # by series


def points(collected: Collected, kind: NetworkKind) -> dict[str, Line]:
    """The `Line` of each series of a kind of network, by name."""
    found = {series: Line(list(by_cells.values())) for series, by_cells in collected.best(kind).items()}
    wrong: dict[tuple[str, int, str], Timed] = {}
    for timed in collected.timed_of(kind):
        if not timed.row.right:
            key = timed.row.series, timed.cells, timed.row.verdict
            wrong[key] = min(wrong.get(key, timed), timed, key=lambda timed: timed.rtf)
    for (series, _, _), timed in wrong.items():
        found.setdefault(series, Line()).wrong.append(timed)
    for line in found.values():
        line.right.sort(key=lambda timed: timed.cells)
        line.wrong.sort(key=lambda timed: timed.cells)
    return {series: found[series] for series in sorted(found)}


def draw(axes: Axes, found: Lines, looks: Mapping[str, style.Look], height: Height) -> list[legend.Entry]:
    """A line through the right points of each series, the others beside it; returns the legend's entries of the lines.

    Points of one size that would hide each other are drawn a little beside it.
    """
    every = [timed for line in found.values() for timed in line.points]
    beside = marks.apart([(timed.cells, height(timed)) for timed in every], near=(1.0, 1.25), by=1.28)
    x = dict(zip(every, beside))
    for series, line in found.items():
        look = looks[series]
        xs, ys = [x[timed] for timed in line.right], [height(timed) for timed in line.right]
        axes.plot(xs, ys, color=look.colour, linestyle=look.dash, zorder=3)
        for timed in line.points:
            marks.point(axes, x[timed], height(timed), timed.row.verdict, look)
            marks.doubt(axes, x[timed], height(timed), timed.row)
    return [legend.entry(series, looks[series]) for series in found]


def faces(found: Lines) -> list[legend.Entry]:
    """The legend's entries for the verdicts of lines, and for doubts of their times."""
    return legend.of_rows(timed.row for line in found.values() for timed in line.points)


def olives(axes: Axes) -> None:
    """The inferior olives of mouse and human, marked at their numbers of cells."""
    sizes = published()["olive_cells"]
    (mouse, _), (least, most) = sizes["mouse"], sizes["human"]
    axes.axvline(mouse, color=style.MUTED, linewidth=1.0, linestyle=(0, (2, 2)))
    axes.axvspan(least, most, color=style.GRID, alpha=0.55, linewidth=0)
    place = {"transform": axes.get_xaxis_transform(), "va": "bottom", "fontsize": 9, "color": style.MUTED}
    axes.text(mouse, 1.005, "mouse", ha="center", **place)
    axes.text((least * most) ** 0.5, 1.005, "human", ha="center", **place)


def in_words(found: Lines, height: Height, unit: str) -> str:
    """The data of a panel in words, one sentence a series."""
    parts = []
    for series, line in found.items():
        said = [f"{shown(height(timed))} {unit} at {timed.cells:,} cells{doubt(timed.row)}" for timed in line.right]
        said += [f"{word(timed.row)} at {timed.cells:,} cells" for timed in line.wrong]
        parts.append(f"{series}: {', '.join(said)}.")
    return " ".join(parts)


def doubt(row: Row) -> str:
    """What is said behind a time that may be another's doing, in brackets; nothing behind any other."""
    return f" ({row.unsteady})" if row.unsteady else ""


def word(row: Row) -> str:
    """What a point that is not right is called."""
    return "not judged" if row.verdict == UNJUDGED else row.verdict
