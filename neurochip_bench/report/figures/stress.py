"""The stress test, Section 6.4 of the paper: largest deviation, with spikes lost and surplus."""

from __future__ import annotations

from typing import Mapping, Sequence

from neurochip_bench.keep.words import EMULATED
from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import legend, marks, scale, style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.figures.lines import word
from neurochip_bench.report.figures.validation import seconds
from neurochip_bench.report.published import published
from neurochip_bench.report.row import Row
from neurochip_bench.report.values import number, shown

PUBLISHED = "15 s"
MOST = 1e4  # mV: what is above, or not finite, is drawn here
CAPTION = (
    "Largest deviation of a potential from the float64 truth over 15 s with noisy pulses, and spikes lost and "
    "surplus. A spike that moves by a fraction of a millisecond moves a potential by tens of mV: read the spikes "
    "first. The paper's numbers are against its CPU in float32; its GroqChip is beyond the edge."
)


def figure(collected: Collected) -> Figure:
    """The `Figure`: one panel of all rows that were stressed, and of what was published."""
    rows = collected.judged("stress")
    rows.sort(key=lambda row: (row.device == EMULATED, not row.right, deviation(row), row.series))
    panels, missing = ([panel(collected, rows)], None) if rows else ([], not_measured("stress"))
    return Figure("stress", "Stress test (Section 6.4)", CAPTION, panels, missing=missing)


def deviation(row: Row) -> float:
    """The largest deviation in mV; beyond the edge where the run was not stable."""
    value = number(row.record.largest_mv)
    return 10 * MOST if value is None or row.record.stable is False else abs(value)


def spikes(row: Row) -> str:
    """Spikes lost and surplus, in words."""
    lost, surplus = number(row.record.lost), number(row.record.surplus)
    if row.record.stable is False:
        return "unstable"
    return f"{shown(lost)} lost, {shown(surplus)} surplus"


def label(row: Row) -> str:
    """A row's name, and the length of its run where that is not the protocol's."""
    length = seconds(row)
    return row.series if length == PUBLISHED else f"{row.series}, {length}"


def panel(collected: Collected, rows: Sequence[Row]) -> Panel:
    """The figure's only `Panel`: all rows, and what the paper gives."""
    said = [in_words(row) for row in rows]
    said += [f"Paper, {name}: {value:.3g} mV." for name, value in published()["stress_largest_mv"].items()]
    title = "largest deviation under stress"
    alt = f"Largest deviation under stress. {' '.join(said)}"
    return Panel("stress", title, alt, lambda: draw(style.looks(collected), rows, title))


def in_words(row: Row) -> str:
    """A row as the description of its picture has it: its largest deviation, its spikes and verdict."""
    what = dict.fromkeys((spikes(row), word(row)))  # either may be "unstable"
    return f"{label(row)}: {shown(number(row.record.largest_mv))} mV, {', '.join(what)}."


def draw(looks: Mapping[str, style.Look], rows: Sequence[Row], title: str) -> style.Drawing:
    """The drawing: a point a row, and the paper's below."""
    paper = published()["stress_largest_mv"]
    drawing, axes = style.drawing(1.6 + 0.36 * (len(rows) + len(paper)))
    scale.logarithmic(axes.xaxis)
    side = {"textcoords": "offset points", "va": "center", "fontsize": 9}
    for y, row in enumerate(rows):
        x = min(max(deviation(row), 1e-9), MOST)
        marks.point(axes, x, y, row.verdict, looks[row.series], size=9)
        end = x > 10
        axes.annotate(spikes(row), (x, y), (-9 if end else 9, 0), ha="right" if end else "left", **side)
    for y, value in enumerate(paper.values(), len(rows)):
        axes.plot([min(value, MOST)], [y], marker="1" if value < MOST else ">", color=style.INK, markersize=10)
        words = "" if value < MOST else f"{value:.3g} mV"
        axes.annotate(words, (min(value, MOST), y), (-9, 0), ha="right", **side)
    names = [*map(label, rows), *(f"paper: {name}" for name in paper)]
    axes.set_yticks(range(len(names)), [style.short(name) for name in names])
    axes.axhline(len(rows) - 0.5, color=style.MUTED, linewidth=0.8)
    axes.set(xlabel="largest deviation, mV", ylim=(len(names) - 0.5, -0.6), title=style.heading(title))
    axes.set_xlim(axes.get_xlim()[0] / 2, MOST * 2)
    axes.grid(visible=False, axis="y")
    legend.below(drawing, legend.faces(row.verdict for row in rows))
    return drawing
