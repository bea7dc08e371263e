"""One network over several devices: strong and weak scaling, with what would be ideal."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, Sequence, TypeVar

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import legend, lines, marks, scale, style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.scaling import STRONG, WEAK, Scaled, scaled
from neurochip_bench.report.values import shown

Key = TypeVar("Key")
TITLES = {STRONG: "Strong scaling", WEAK: "Weak scaling"}
CAPTION = (
    "Strong scaling: one network, more devices. Weak scaling: as many cells on each device, in a torus that grows "
    "along one axis. Devices of one process and those of several are lines of their own. Beside each point its "
    "efficiency: the time that would be ideal over the time that it took; the ideal begins at the fewest devices, in "
    "the fewest processes, that gave a right result, which the legend names. Virtual devices share one processor, and "
    "gain nothing: they show that it works."
)


def figure(collected: Collected) -> Figure:
    """The `Figure`: a panel for each experiment that was run."""
    found = scaled(collected)
    several = {entry.line.scales for entry in found if entry.devices > 1}
    drawn = [entry for entry in found if entry.line.scales in several]
    panels = [
        panel(collected, experiment, mine)
        for experiment in TITLES
        if (mine := [entry for entry in drawn if entry.line.scales.experiment == experiment])
    ]
    missing = (
        None
        if panels
        else not_measured(STRONG, "rows of one network over several devices").replace(
            "-m strong", "-m 'strong or weak' --devices 1,2"
        )
    )
    return Figure("devices", "One network over several devices", CAPTION, panels, [], missing)


def panel(collected: Collected, experiment: str, found: Sequence[Scaled]) -> Panel:
    """The `Panel` of an experiment."""
    said = " ".join(map(in_words, found))
    title = TITLES[experiment]
    return Panel(f"devices-{experiment}", title, f"{title}. {said}", lambda: draw(found, title))


def in_words(entry: Scaled) -> str:
    """A point as the description of its picture has it."""
    row = entry.timed.row
    wrong = "" if row.right else f", {lines.word(row)}"
    efficiency = "" if entry.efficiency is None else f", efficiency {entry.efficiency:.0%} of {entry.baseline}"
    return (
        f"{row.ran_on}, {entry.timed.cells:,} cells: {shown(entry.timed.rtf)} s{efficiency}{wrong}{lines.doubt(row)}."
    )


def draw(found: Sequence[Scaled], title: str) -> style.Drawing:
    """The drawing of a panel: a line each, and dotted what would be ideal."""
    drawing, axes = style.drawing()
    scale.logarithmic(axes.yaxis)
    axes.set_xscale("log", base=2)
    lines_of = grouped(found, lambda entry: entry.line)
    for i, points in enumerate(lines_of.values()):
        draw_line(axes, points, look(i), 9 if i % 2 == 0 else -16)
    ideals = [draw_ideal(axes, points) for points in grouped(found, lambda entry: entry.line.scales).values()]
    numbers = sorted({entry.devices for entry in found})
    axes.set_xticks(numbers, list(map(str, numbers)))
    axes.set(xlabel="devices", ylabel=style.RTF, title=style.heading(title), xlim=(numbers[0] / 1.4, numbers[-1] * 1.4))
    entries = [legend.entry(label_of(points), look(i), 80) for i, points in enumerate(lines_of.values())]
    names = dict.fromkeys(name for name in ideals if name)
    entries += [Line2D([], [], color=style.MUTED, linestyle=":", label=name) for name in names]
    legend.below(drawing, [*entries, *legend.of_rows(entry.timed.row for entry in found)], columns=1)
    return drawing


def look(i: int) -> style.Look:
    """The look of the i-th line; dots are what is ideal."""
    return replace(style.look(i), dash="-")


def grouped(found: Sequence[Scaled], key: Callable[[Scaled], Key]) -> dict[Key, list[Scaled]]:
    """Points by a key, in their order."""
    groups: dict[Key, list[Scaled]] = {}
    for entry in found:
        groups.setdefault(key(entry), []).append(entry)
    return groups


def label_of(points: Sequence[Scaled]) -> str:
    """What a line is called in a legend; virtual devices are said to be virtual."""
    line, virtual = points[0].line, any(entry.timed.row.record.virtual_devices for entry in points)
    return f"{style.short(line.scales.label)}, {line.label}{', virtual' if virtual else ''}"


def draw_line(axes: Axes, points: Sequence[Scaled], drawn: style.Look, above: int) -> None:
    """A line through what is right, and the efficiency so many typographic points above each of its points."""
    right = [entry for entry in points if entry.timed.row.right]
    axes.plot([e.devices for e in right], [e.timed.rtf for e in right], color=drawn.colour, zorder=3)
    for entry in points:
        marks.point(axes, entry.devices, entry.timed.rtf, entry.timed.row.verdict, drawn)
        marks.doubt(axes, entry.devices, entry.timed.rtf, entry.timed.row)
        if entry.efficiency is not None:
            beside = {"textcoords": "offset points", "ha": "center", "fontsize": 9}
            axes.annotate(f"{entry.efficiency:.0%}", (entry.devices, entry.timed.rtf), (0, above), **beside)


def draw_ideal(axes: Axes, points: Sequence[Scaled]) -> str | None:
    """The dotted line of what would be ideal for one network, and what a legend calls it; None where none is known."""
    told = {entry.devices: entry.ideal for entry in points if entry.ideal is not None}
    axes.plot(sorted(told), [told[number] for number in sorted(told)], color=style.MUTED, linestyle=":", zorder=2)
    return f"ideal, from {points[0].baseline}" if told else None
