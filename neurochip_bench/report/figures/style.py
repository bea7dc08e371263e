"""How everything looks: colours of Okabe and Ito, a marker for every line, a face for every verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence, Tuple, TypeVar, Union

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from neurochip_bench.keep.words import EMULATED
from neurochip_bench.report.collected import Collected

INK, MUTED, GRID, PAPER = "#1b1f24", "#59636e", "#d5dae0", "#fefefe"
Dash = Union[str, Tuple[int, Tuple[int, ...]]]
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9")  # Okabe, Ito 2008
MARKERS = ("o", "s", "^", "D", "v", "P", "p")
DASHES: tuple[Dash, ...] = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
PRECISIONS = {"f32": "-", "f64": "--", "tf32": "-."}
Value = TypeVar("Value")
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
RTF = "seconds per simulated second"  # of an axis
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


def looks(collected: Collected) -> dict[str, Look]:
    """{series: its `Look`}, the same in every figure of a report.

    A colour is of one library on one device and machine, the dashes are of a precision, the marker is the line's own.
    """
    kinds = {row.series: row for row in collected.rows if row.backend and not row.stood_in}
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


def short(name: str, longest: int = 40) -> str:
    """A name that fits a figure."""
    return name if len(name) <= longest else name[: longest - 1] + "…"


def heading(title: str) -> str:
    """A panel's title, cut where it is long; what stands in brackets has a line of its own."""
    return "\n(".join(short(part, 50) for part in title.split(" (", 1))
