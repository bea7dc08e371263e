"""How everything looks: colours of Okabe and Ito, a marker for every line, a face for every verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Iterable, Sequence, Tuple, TypeVar, Union

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure as Drawing
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from neurochip_bench.accuracy import FAITHFUL, UNDEFINED, UNJUDGED, UNUSABLE, USABLE
from neurochip_bench.keep.words import UNSTABLE
from neurochip_bench.report.machines import EMULATED
from neurochip_bench.report.pool import Pool
from neurochip_bench.report.published import Point
from neurochip_bench.report.values import shown

INK, MUTED, GRID, PAPER = "#1b1f24", "#59636e", "#d5dae0", "#fefefe"
Dash = Union[str, Tuple[int, Tuple[int, ...]]]
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9")  # Okabe, Ito 2008
MARKERS = ("o", "s", "^", "D", "v", "P", "p")
DASHES: tuple[Dash, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
PRECISIONS = {"f32": "-", "f64": "--", "tf32": "-."}
MEANING = {
    FAITHFUL: "faithful",
    USABLE: "usable",
    UNUSABLE: "unusable: wrong, never ranked",
    UNSTABLE: "unstable: never ranked",
    UNDEFINED: "undefined: the reference is not finite",
    UNJUDGED: "not judged",
}
Place = Tuple[float, float]  # x and y
Entry = Union[Line2D, Patch, Tuple[Line2D, ...]]  # of a legend; those of a tuple lie on each other
Value = TypeVar("Value")
ACROSS = {UNUSABLE: "x", UNSTABLE: "x", UNDEFINED: "_"}  # what is drawn over a hollow marker
RC = {
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titley": 1.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "lines.linewidth": 1.6,
    "axes.grid": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "axes.edgecolor": MUTED,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "hatch.linewidth": 1.0,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "legend.handlelength": 2.4,
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "neurochip-bench",
}
WIDTH = 5.4  # inches of a panel: its letters are 10 pixels high on a phone


@dataclass(frozen=True)
class Look:
    """What a line of a figure looks like."""

    colour: str
    marker: str
    dash: Dash = "none"


def drawing(height: float = 4.0) -> tuple[Drawing, Axes]:
    """An empty drawing and its axes."""
    figure = Drawing(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.add_subplot()


def looks(pool: Pool) -> dict[str, Look]:
    """{series: its `Look`}, the same in every figure of a report.

    A colour is of one library on one device and machine, the dashes are of a precision, the marker is the line's own.
    """
    kinds = {row.series: row for row in pool.rows if row.backend and not row.stood_in}
    names = sorted(kinds, key=lambda name: (kinds[name].device == EMULATED, kinds[name].device, name))
    families: dict[tuple[str, str], int] = {}
    found: dict[str, Look] = {}
    for i, name in enumerate(names):
        library, _, precision = str(kinds[name].backend).rpartition("-")
        family = families.setdefault((library, kinds[name].machine.label), len(families))
        found[name] = Look(_of(COLOURS, family), _of(MARKERS, i), PRECISIONS.get(precision, ":"))
    return found


def look(i: int) -> Look:
    """The look of the i-th line where lines are of no backends: its colour and dashes are its own."""
    return Look(_of(COLOURS, i), _of(MARKERS, i), _of(DASHES, i))


def _of(values: Sequence[Value], i: int) -> Value:
    """The i-th of some values; after the last comes the first."""
    return values[i % len(values)]


def point(
    axes: Axes,
    x: float,
    y: float,
    verdict: str,
    look: Look,
    size: float = 8.0,
    **place: Any,  # matplotlib's options of a line, such as its transform
) -> None:
    """One measured point, its face by the verdict: full, half, hollow with a cross or a bar, or hollow."""
    shape = {"marker": look.marker, "color": look.colour, "markersize": size, "linestyle": "none", "zorder": 4, **place}
    if verdict == FAITHFUL:
        axes.plot([x], [y], **shape, markeredgecolor=PAPER, markeredgewidth=0.6)
    elif verdict == USABLE:
        axes.plot([x], [y], **shape, fillstyle="left", markerfacecoloralt=PAPER)
    else:
        axes.plot([x], [y], **shape, markerfacecolor=PAPER, markeredgewidth=1.4)
        if verdict in ACROSS:
            over = {"marker": ACROSS[verdict], "color": INK, "markersize": size + 3, "markeredgewidth": 1.6}
            axes.plot([x], [y], linestyle="none", **over, zorder=5, **place)


def beside(axes: Axes, y: float, verdict: str) -> None:
    """The verdict of a row of boxes or bars, right of the axes, where no box hides it."""
    point(axes, 1.03, y, verdict, Look(MUTED, "o"), transform=axes.get_yaxis_transform(), clip_on=False)


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


class Decades(LogLocator):
    """Ticks at powers of ten, and between them where there are few."""

    def tick_values(self, vmin: float, vmax: float) -> Any:  # an array, as matplotlib has it
        """The ticks from vmin to vmax."""
        wide = vmax / vmin if vmin > 0 else 1e9
        self.set_params(subs=(1.0, 2.0, 5.0) if wide < 150 else (1.0, 3.0) if wide < 1500 else (1.0,))
        return super().tick_values(vmin, vmax)


def faces(verdicts: Iterable[str]) -> list[Entry]:
    """Entries of a legend for the verdicts that occur."""
    words = set(verdicts)
    entries: list[Entry] = []
    for word, meaning in MEANING.items():
        if word in words:
            face = {"fillstyle": "left", "markerfacecoloralt": PAPER} if word == USABLE else {}
            face = face or {"markerfacecolor": MUTED if word == FAITHFUL else PAPER}
            mark = Line2D([], [], linestyle="none", marker="o", color=MUTED, markersize=7, label=meaning, **face)
            over = Line2D([], [], linestyle="none", marker=ACROSS.get(word, ""), color=INK, markersize=9, label=meaning)
            entries.append((mark, over) if word in ACROSS else mark)
    return entries


def entry(name: str, look: Look) -> Line2D:
    """The entry of a legend for a line."""
    return Line2D([], [], label=short(name), color=look.colour, marker=look.marker, linestyle=look.dash)


def published_line(axes: Axes, points: Sequence[Point]) -> list[Line2D]:
    """The paper's fastest platform over the number of cells; returns the legend's entries."""
    if not points:
        return []
    dots = {"color": INK, "linestyle": ":", "marker": ".", "markersize": 5, "linewidth": 1.2, "zorder": 2}
    axes.plot([cells for cells, _ in points], [value for _, value in points], **dots)
    return [Line2D([], [], label="paper: fastest platform", **dots)]


def short(name: str, longest: int = 40) -> str:
    """A name that fits a figure."""
    return name if len(name) <= longest else name[: longest - 1] + "…"


def heading(title: str) -> str:
    """A panel's title, cut where it is long; what stands in brackets has a line of its own."""
    return "\n(".join(short(part, 50) for part in title.split(" (", 1))


def legend(figure: Drawing, entries: Sequence[Entry], columns: int = 2) -> None:
    """The legend below the axes, outside of them; the drawing grows by its lines."""
    if entries:
        lines = -(-len(entries) // columns)
        figure.set_figheight(figure.get_figheight() + 0.21 * lines)
        names = [(e[0] if isinstance(e, tuple) else e).get_label() for e in entries]
        handlers = {tuple: HandlerTuple(ndivide=1)}
        place = {"loc": "outside lower left", "ncols": columns, "columnspacing": 1.2}
        figure.legend(entries, names, handler_map=handlers, **place)


def logarithmic(axis: Axis) -> None:
    """A logarithmic axis with ticks that read as numbers."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    axis.set_major_formatter(FuncFormatter(lambda value, _: decade(value)))
    axis.set_major_locator(Decades(numticks=9))
    axis.set_minor_locator(NullLocator())  # nine a decade would take most of the time


def decade(value: float) -> str:
    """A tick's number: 0.01, 1, 1,000, 10⁴."""
    if value <= 0:
        return ""
    exponent = f"{value:.0e}".split("e")
    if exponent[0] == "1" and not -4 < int(exponent[1]) < 4:
        return "10" + str(int(exponent[1])).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return shown(value)
