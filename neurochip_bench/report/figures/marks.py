"""Points: a face for every verdict, and no point that hides another."""

from __future__ import annotations

from typing import Any, Sequence, Tuple

from matplotlib.axes import Axes

from neurochip_bench.accuracy import FAITHFUL, UNDEFINED, UNJUDGED, UNUSABLE, USABLE
from neurochip_bench.keep.words import UNSTABLE
from neurochip_bench.report.figures import style
from neurochip_bench.report.row import Row

Place = Tuple[float, float]  # x and y
MEANING = {
    FAITHFUL: "faithful",
    USABLE: "usable",
    UNUSABLE: "unusable: wrong, never ranked",
    UNSTABLE: "unstable: never ranked",
    UNDEFINED: "undefined: the reference is not finite",
    UNJUDGED: "not judged",
}
RING = {"facecolors": "none", "edgecolors": style.INK, "linewidths": 1.2, "linestyles": "--"}
ACROSS = {UNUSABLE: "x", UNSTABLE: "x", UNDEFINED: "_"}  # what is drawn over a hollow marker


def point(
    axes: Axes,
    x: float,
    y: float,
    verdict: str,
    look: style.Look,
    size: float = 8.0,
    **place: Any,  # matplotlib's options of a line, such as its transform
) -> None:
    """One measured point, its face by the verdict: full, half, hollow with a cross or a bar, or hollow."""
    shape = {"marker": look.marker, "color": look.colour, "markersize": size, "linestyle": "none", "zorder": 4, **place}
    if verdict == FAITHFUL:
        axes.plot([x], [y], **shape, markeredgecolor=style.PAPER, markeredgewidth=0.6)
    elif verdict == USABLE:
        axes.plot([x], [y], **shape, fillstyle="left", markerfacecoloralt=style.PAPER)
    else:
        axes.plot([x], [y], **shape, markerfacecolor=style.PAPER, markeredgewidth=1.4)
        if verdict in ACROSS:
            over = {"marker": ACROSS[verdict], "color": style.INK, "markersize": size + 3, "markeredgewidth": 1.6}
            axes.plot([x], [y], linestyle="none", **over, zorder=5, **place)


def doubt(
    axes: Axes,
    x: float,
    y: float,
    row: Row,
    size: float = 8.0,
    **place: Any,  # matplotlib's options of a collection, such as its transform
) -> None:
    """A dashed ring round the point of a row whose time may be another's doing; nothing round any other."""
    if row.unsteady:
        axes.scatter([x], [y], s=(size + 6) ** 2, marker="o", **RING, zorder=6, **place)


def beside(axes: Axes, y: float, verdict: str, row: Row | None = None) -> None:
    """The verdict of a row of boxes or bars, right of the axes, where no box hides it; with a `row` its doubt too."""
    place = {"transform": axes.get_yaxis_transform(), "clip_on": False}
    point(axes, 1.03, y, verdict, style.Look(style.MUTED, "o"), **place)
    if row is not None:
        doubt(axes, 1.03, y, row, **place)


def apart(points: Sequence[Place], near: tuple[float, float], by: float) -> list[float]:
    """Where on a logarithmic axis to draw points that would hide each other: their x, moved aside.

    points  (x, y), both above zero
    near    by which ratios of x and of y two points are too close
    by      the ratio by which those that are too close are moved from each other, about their middle
    """
    groups: list[list[int]] = []
    for i in sorted(range(len(points)), key=lambda i: points[i]):
        mine = [group for group in groups if any(_close(points[i], points[j], near) for j in group)]
        groups = [group for group in groups if group not in mine] + [[j for group in mine for j in group] + [i]]
    xs = [x for x, _ in points]
    for group in groups:
        for place, i in enumerate(group):
            xs[i] *= by ** (place - (len(group) - 1) / 2)
    return xs


def _close(one: Place, other: Place, near: tuple[float, float]) -> bool:
    return all(max(a, b) <= ratio * min(a, b) for a, b, ratio in zip(one, other, near))
