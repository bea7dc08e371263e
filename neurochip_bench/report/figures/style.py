"""How everything looks: colours of Okabe and Ito, a marker for every line, a face for every verdict."""

from __future__ import annotations

from matplotlib.figure import Figure as Drawing
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from neurochip_bench.accuracy import FAITHFUL, UNDEFINED, UNJUDGED, UNUSABLE, USABLE
from neurochip_bench.report.row import UNSTABLE
from neurochip_bench.report.values import shown

INK, MUTED, GRID, PAPER = "#1b1f24", "#59636e", "#d5dae0", "#fefefe"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9")  # Okabe, Ito 2008
MARKERS = ("o", "s", "^", "D", "v", "P", "p")
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
PRECISIONS = {"f32": "-", "f64": "--", "tf32": "-."}
MEANING = {
    FAITHFUL: "faithful",
    USABLE: "usable",
    UNUSABLE: "unusable: wrong, never ranked",
    UNSTABLE: "unstable: never ranked",
    UNDEFINED: "undefined: the reference is not finite",
    UNJUDGED: "not judged",
}
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


def drawing(height=4.0, width=WIDTH):
    """An empty drawing and its axes."""
    figure = Drawing(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def styles(pool):
    """{series: its colour, marker and dashes}, the same in every figure of a report.

    A colour is of one library on one device and machine, the dashes are of a precision, the marker is the line's own.
    """
    kinds = {row.series: row for row in pool.rows if row.backend and not row.stood_in}
    names = sorted(kinds, key=lambda name: (kinds[name].kind == "emulated", kinds[name].kind, name))
    families: dict = {}
    looks: dict = {}
    for i, name in enumerate(names):
        family, _, precision = kinds[name].backend.rpartition("-")
        place = families.setdefault((family, kinds[name].machine.label), len(families))
        looks[name] = {**style(i, place), "linestyle": PRECISIONS.get(precision, ":")}
    return looks


def style(i, family=None):
    """The look of the i-th line: without a family, its colour and dashes are its own."""
    colour, dash = (i, DASHES[i % len(DASHES)]) if family is None else (family, "-")
    return {"color": COLOURS[colour % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)], "linestyle": dash}


def point(axes, x, y, verdict, look, size=8.0, **place):
    """One measured point, its face by the verdict: full, half, hollow with a cross or a bar, or hollow."""
    colour, marker = look["color"], look["marker"]
    shape = {"marker": marker, "color": colour, "markersize": size, "linestyle": "none", "zorder": 4, **place}
    if verdict == FAITHFUL:
        axes.plot([x], [y], **shape, markeredgecolor=PAPER, markeredgewidth=0.6)
    elif verdict == USABLE:
        axes.plot([x], [y], **shape, fillstyle="left", markerfacecoloralt=PAPER)
    else:
        axes.plot([x], [y], **shape, markerfacecolor=PAPER, markeredgewidth=1.4)
        if verdict in ACROSS:
            over = {"marker": ACROSS[verdict], "color": INK, "markersize": size + 3, "markeredgewidth": 1.6}
            axes.plot([x], [y], linestyle="none", **over, zorder=5, **place)


def beside(axes, y, verdict):
    """The verdict of a row of boxes or bars, right of the axes, where no box hides it."""
    place = {"transform": axes.get_yaxis_transform(), "clip_on": False}
    point(axes, 1.03, y, verdict, {"color": MUTED, "marker": "o"}, **place)


def apart(points, near, by):
    """Where on a logarithmic axis to draw points that would hide each other: their x, moved aside.

    points  (x, y), both above zero
    near    by which ratios of x and of y two points are too close
    by      the ratio by which those that are too close are moved from each other, about their middle
    """
    groups: list[list] = []
    for i in sorted(range(len(points)), key=lambda i: points[i]):
        mine = [group for group in groups if any(_close(points[i], points[j], near) for j in group)]
        groups = [group for group in groups if group not in mine] + [[j for group in mine for j in group] + [i]]
    xs = [x for x, _ in points]
    for group in groups:
        for place, i in enumerate(group):
            xs[i] *= by ** (place - (len(group) - 1) / 2)
    return xs


def _close(one, other, near):
    return all(max(a, b) <= ratio * min(a, b) for a, b, ratio in zip(one, other, near))


class Decades(LogLocator):
    """Ticks at powers of ten, and between them where there are few."""

    def tick_values(self, vmin, vmax):
        """The ticks from vmin to vmax."""
        wide = vmax / vmin if vmin > 0 else 1e9
        self.set_params(subs=(1.0, 2.0, 5.0) if wide < 150 else (1.0, 3.0) if wide < 1500 else (1.0,))
        return super().tick_values(vmin, vmax)


def faces(verdicts):
    """Entries of a legend for the verdicts that occur."""
    words = set(verdicts)
    entries = []
    for word, meaning in MEANING.items():
        if word in words:
            face = {"fillstyle": "left", "markerfacecoloralt": PAPER} if word == USABLE else {}
            face = face or {"markerfacecolor": MUTED if word == FAITHFUL else PAPER}
            mark = Line2D([], [], linestyle="none", marker="o", color=MUTED, markersize=7, label=meaning, **face)
            over = Line2D([], [], linestyle="none", marker=ACROSS.get(word, ""), color=INK, markersize=9, label=meaning)
            entries.append((mark, over) if word in ACROSS else mark)
    return entries


def entry(name, look):
    """The entry of a legend for a line."""
    return Line2D([], [], label=short(name), **look)


def short(name, longest=40):
    """A name that fits a figure."""
    return name if len(name) <= longest else name[: longest - 1] + "…"


def heading(title):
    """A panel's title, cut where it is long; what stands in brackets has a line of its own."""
    return "\n(".join(short(part, 50) for part in title.split(" (", 1))


def legend(figure, entries, columns=2):
    """The legend below the axes, outside of them; the drawing grows by its lines."""
    if entries:
        lines = -(-len(entries) // columns)
        figure.set_figheight(figure.get_figheight() + 0.21 * lines)
        names = [(e[0] if isinstance(e, tuple) else e).get_label() for e in entries]
        look = {"ncols": columns, "columnspacing": 1.2, "handler_map": {tuple: HandlerTuple(ndivide=1)}}
        figure.legend(entries, names, loc="outside lower left", **look)


def logarithmic(axis):
    """A logarithmic axis with ticks that read as numbers."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    axis.set_major_formatter(FuncFormatter(lambda value, _: decade(value)))
    axis.set_major_locator(Decades(numticks=9))
    axis.set_minor_locator(NullLocator())  # nine a decade would take most of the time


def decade(value):
    """A tick's number: 0.01, 1, 1,000, 10⁴."""
    if value <= 0:
        return ""
    exponent = f"{value:.0e}".split("e")
    if exponent[0] == "1" and not -4 < int(exponent[1]) < 4:
        return "10" + str(int(exponent[1])).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return shown(value)
