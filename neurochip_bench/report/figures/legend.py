"""Legends, and the lines of the paper that have an entry in them."""

from __future__ import annotations

from typing import Iterable, Sequence, Tuple, Union

from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.transforms import IdentityTransform

from neurochip_bench.accuracy import FAITHFUL, USABLE
from neurochip_bench.report.figures import style
from neurochip_bench.report.figures.marks import ACROSS, MEANING, RING
from neurochip_bench.report.published import Point
from neurochip_bench.report.row import Row

DOUBT = "time noisy or contended"
Entry = Union[Line2D, Patch, PathCollection, Tuple[Line2D, ...]]  # those of a tuple lie on each other


def faces(verdicts: Iterable[str]) -> list[Entry]:
    """Entries of a legend for the verdicts that occur."""
    words = set(verdicts)
    entries: list[Entry] = []
    for word, meaning in MEANING.items():
        if word in words:
            face = {"fillstyle": "left", "markerfacecoloralt": style.PAPER} if word == USABLE else {}
            face = face or {"markerfacecolor": style.MUTED if word == FAITHFUL else style.PAPER}
            mark = Line2D([], [], linestyle="none", marker="o", color=style.MUTED, markersize=7, label=meaning, **face)
            over = Line2D(
                [], [], linestyle="none", marker=ACROSS.get(word, ""), color=style.INK, markersize=9, label=meaning
            )
            entries.append((mark, over) if word in ACROSS else mark)
    return entries


def of_rows(rows: Iterable[Row]) -> list[Entry]:
    """Entries for the verdicts of rows, and for the rings of `marks.doubt` where any is drawn."""
    found = list(rows)
    entries = faces(row.verdict for row in found)
    if any(row.unsteady for row in found):
        ring = PathCollection([Path.unit_circle()], sizes=[30], label=DOUBT, **RING)
        ring.set_transform(IdentityTransform())  # else a legend takes its own for it
        entries.append(ring)
    return entries


def entry(name: str, look: style.Look, longest: int = 40) -> Line2D:
    """The entry of a legend for a line, its name as long as there is room for."""
    return Line2D([], [], label=style.short(name, longest), color=look.colour, marker=look.marker, linestyle=look.dash)


def published_line(axes: Axes, points: Sequence[Point]) -> list[Line2D]:
    """The paper's fastest platform over the number of cells; returns the legend's entries."""
    if not points:
        return []
    dots = {"color": style.INK, "linestyle": ":", "marker": ".", "markersize": 5, "linewidth": 1.2, "zorder": 2}
    axes.plot([cells for cells, _ in points], [value for _, value in points], **dots)
    return [Line2D([], [], label="paper: fastest platform", **dots)]


def below(figure: style.Drawing, entries: Sequence[Entry], columns: int = 2) -> None:
    """The legend below the axes, outside of them; the drawing grows by its lines."""
    if entries:
        lines = -(-len(entries) // columns)
        figure.set_figheight(figure.get_figheight() + 0.21 * lines)
        names = [(e[0] if isinstance(e, tuple) else e).get_label() for e in entries]
        handlers = {tuple: HandlerTuple(ndivide=1)}
        place = {"loc": "outside lower left", "ncols": columns, "columnspacing": 1.2}
        figure.legend(entries, names, handler_map=handlers, **place)
