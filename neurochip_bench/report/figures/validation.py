"""Fig. 8: deviation from the truth over the first and the last second of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, NamedTuple, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from neurochip_bench.experiments.validation import QUANTILES
from neurochip_bench.keep.words import EMULATED
from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import legend, marks, scale, style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.figures.lines import word
from neurochip_bench.report.row import Row
from neurochip_bench.report.values import number, shown

PUBLISHED = "10 s"
LEAST = 1e-9  # mV: smaller deviations are drawn here
CAPTION = (
    "Absolute deviation of the potential from the float64 truth over the first and the last second of a run of the "
    "inferior olive; the paper's runs are of ten seconds (its Fig. 8, whose numbers are not published). Box: quartiles "
    "and median; whiskers: least and 95th percentile; dot: largest."
)


@dataclass(frozen=True)
class Span:
    """A part of a run, by its word in a record's keys, and its colour."""

    key: str
    colour: str

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{self.key} second"


SPANS = FIRST, LAST = Span("first", "#56b4e9"), Span("last", "#e69f00")
Quantiles = Dict[str, float]  # mV, by `QUANTILES`


class LongRun(NamedTuple):
    """What the rows of a panel have in common: the network, and how long it ran."""

    model: str | None
    connectivity: str | None
    cells: int
    length: str


def figure(collected: Collected) -> Figure:
    """The `Figure`: a panel for each network and length of run."""
    rows = [row for row in collected.judged("validation") if row.cells]
    groups: dict[LongRun, list[Row]] = {}
    for row in rows:
        if row.cells and any(quantiles(row, span) for span in SPANS):
            groups.setdefault(LongRun(row.model, row.connectivity, row.cells, seconds(row)), []).append(row)
    panels = [panel(run, sorted(groups[run], key=order)) for run in sorted(groups, key=str)]
    gone = sorted({row.series for row in rows if not quantiles(row, LAST)})
    notes = [f"No finite deviation over the last second: {', '.join(gone)}."] if gone else []
    missing = None if panels else not_measured("validation")
    return Figure("validation", "Deviation over a long run (Fig. 8)", CAPTION, panels, notes, missing)


def order(row: Row) -> tuple[bool, bool, float]:
    """Rows by their median over the last second; those that are not right, then emulated ones at the end."""
    last = quantiles(row, LAST)
    return row.device == EMULATED, not row.right, last["p50"] if last else float("inf")


def quantiles(row: Row, span: Span) -> Quantiles | None:
    """The quantiles of a span, None where one is missing or they do not ascend from zero."""
    found = {name: value for name in QUANTILES if (value := number(row.record[f"{span.key}_{name}_mv"])) is not None}
    values = list(found.values())
    return found if len(found) == len(QUANTILES) and values == sorted(values) and values[0] >= 0 else None


def seconds(row: Row) -> str:
    """How long the run was, in words."""
    return f"{shown((number(row.record.model_ms) or 0) / 1e3)} s"


def panel(run: LongRun, rows: Sequence[Row]) -> Panel:
    """The `Panel` of a network and length of run."""
    said = [in_words(row, span) for row in rows for span in SPANS]
    title = f"{run.model}, {run.connectivity}, {run.cells:,} cells, {run.length}"
    short = "" if run.length == PUBLISHED else f"-{run.length.replace(' ', '-')}"
    alt = f"Deviation from the float64 truth. {' '.join(said)}"
    key = f"validation-{run.model}-{run.connectivity}-{run.cells}{short}"
    return Panel(key, title, alt, lambda: draw(rows, title))


def in_words(row: Row, span: Span) -> str:
    """A row's second as the description of its picture has it: median and largest deviation."""
    found = quantiles(row, span)
    what = f"median {shown(found['p50'])} mV, largest {shown(found['max'])} mV" if found else "not finite"
    return f"{row.series} ({word(row)}), {span.name}: {what}."


def draw(rows: Sequence[Row], title: str) -> style.Drawing:
    """The drawing of a panel: two boxes a series."""
    drawing, axes = style.drawing(1.6 + 0.55 * len(rows))
    for y, row in enumerate(rows):
        for shift, span in zip((-0.19, 0.19), SPANS):
            found = quantiles(row, span)
            if found:
                box(axes, y + shift, found, span.colour)
        marks.beside(axes, y, row.verdict)
    scale.logarithmic(axes.xaxis)
    axes.set_yticks(range(len(rows)), [label(row) for row in rows])
    axes.set(xlabel="absolute deviation, mV", title=style.short(title, 60), ylim=(len(rows) - 0.5, -0.5))
    axes.grid(visible=False, axis="y")
    spans = [Patch(facecolor=span.colour, edgecolor=style.INK, label=span.name) for span in SPANS]
    legend.below(drawing, [*spans, *legend.faces(row.verdict for row in rows)])
    return drawing


def label(row: Row) -> str:
    """A row's name, and its verdict where it is not right."""
    name = style.short(row.series)
    return name if row.right else f"{name}\n✗ {word(row)}"


def box(axes: Axes, y: float, found: Quantiles, colour: str) -> None:
    """A box from quantiles."""
    mv = {name: max(value, LEAST) for name, value in found.items()}
    ends = {"med": mv["p50"], "q1": mv["p25"], "q3": mv["p75"], "whislo": mv["min"], "whishi": mv["p95"]}
    ink = {"color": style.INK, "linewidth": 1.0}
    axes.bxp(
        [{**ends, "fliers": [mv["max"]]}],
        positions=[y],
        widths=0.3,
        orientation="horizontal",
        manage_ticks=False,
        patch_artist=True,
        boxprops={"facecolor": colour, "edgecolor": style.INK, "linewidth": 0.8},
        medianprops={"color": style.INK, "linewidth": 2.0},
        whiskerprops=ink,
        capprops=ink,
        flierprops={"marker": ".", "markerfacecolor": style.INK, "markeredgecolor": style.INK, "markersize": 5},
    )
