"""Fig. 6: wall time over the number of cells."""

from __future__ import annotations

from typing import Iterable, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import legend, lines, scale, style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.published import Claim, claims, fastest, published
from neurochip_bench.report.row import NetworkKind, Timed
from neurochip_bench.report.values import number, shown

MODEL_MS = 100  # of standard networks' runs
CAPTION = (
    "Seconds per simulated second (best round of {} ms, transfers included) over the number of cells, as in the "
    "paper's Fig. 6, for every model. Below the line at 1 a network runs in real time. The mouse's inferior olive has "
    "about 10⁴ cells, the human's 10⁶ to 10⁷. Dotted in black: the paper's fastest platform of each size. Points that "
    "would hide each other are drawn side by side."
)


def figure(collected: Collected) -> Figure:
    """The `Figure`: a panel for each model and connectivity that was timed."""
    panels = [panel(collected, kind) for kind in collected.networks]
    missing = None if panels else not_measured("scaling", "timed rows")
    notes = published()["notes"] if any(map(fastest, collected.networks)) else []
    caption = CAPTION.format(lengths(collected.timed))
    return Figure("times", "Time over network size (Fig. 6)", caption, panels, notes, missing)


def lengths(timed: Iterable[Timed]) -> str:
    """The milliseconds of the runs: those of standard networks, and what the files of one's own say."""
    found = sorted({said for each in timed if (said := number(each.row.record.model_ms)) is not None})
    *others, last = map(shown, found or [MODEL_MS])
    return f"{', '.join(others)} or {last}" if others else last


def panel(collected: Collected, kind: NetworkKind) -> Panel:
    """The `Panel` of a kind of network."""
    found = lines.points(collected, kind)
    alt = f"Seconds per simulated second. {lines.in_words(found, seconds, 's')}"
    return Panel(f"times-{kind.key}", kind.title, alt, lambda: draw(found, style.looks(collected), kind))


def seconds(timed: Timed) -> float:
    """Wall seconds per second of model time."""
    return timed.rtf


def draw(found: lines.Lines, looks: Mapping[str, style.Look], kind: NetworkKind) -> style.Drawing:
    """The drawing of a panel."""
    drawing, axes = style.drawing()
    scale.logarithmic(axes.xaxis)
    scale.logarithmic(axes.yaxis)
    series = lines.draw(axes, found, looks, seconds)
    paper = [*legend.published_line(axes, fastest(kind)), *single_points(axes, claims(kind))]
    axes.axhline(1.0, color=style.INK, linewidth=1.1)
    axes.annotate("real time", (1.1e7, 1.0), (0, 3), textcoords="offset points", ha="right", fontsize=9)
    lines.olives(axes)
    axes.set(xlim=(30, 1.2e7), xlabel="cells", ylabel=style.RTF)
    axes.set_title(style.heading(kind.title), pad=18)
    legend.below(drawing, [*series, *paper, *lines.faces(found)])
    return drawing


def single_points(axes: Axes, found: Sequence[Claim]) -> list[legend.Entry]:
    """The paper's times of single platforms; returns the legend's entries."""
    entries: list[legend.Entry] = []
    for claim, marker in zip(found, ("1", "2", "3", "4")):
        look = {"color": style.INK, "linestyle": "none", "marker": marker, "markersize": 10, "markeredgewidth": 1.6}
        axes.plot([claim.point.cells], [claim.point.seconds], **look, zorder=5)
        entries.append(Line2D([], [], label=f"paper: {claim.name}", **look))
    return entries
