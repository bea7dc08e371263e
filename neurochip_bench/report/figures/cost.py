"""Cost per cell and step over size, above the least that the machine needs."""

from __future__ import annotations

from typing import Mapping

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import legend, lines, scale, style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.machines import Machine
from neurochip_bench.report.published import Point, fastest
from neurochip_bench.report.row import NetworkKind, Timed
from neurochip_bench.report.values import number

STEPS = 40_000  # of 0.025 ms, a second
DASHES = ("-", "--", ":", "-.")  # of the floors of several machines
ENDS = (30, 1.2e7)  # cells
CAPTION = (
    "Nanoseconds per cell and step of 0.025 ms. A line that falls still pays a fixed price per step; one that is "
    "flat is at work. No program of the processor can be below its floor: every operation of a step at the speed at "
    "which it was measured to multiply matrices. The grey diagonal is real time."
)


def figure(collected: Collected) -> Figure:
    """The `Figure`: a panel for each model and connectivity that was timed."""
    panels = [panel(collected, kind) for kind in collected.networks]
    missing = None if panels else not_measured("scaling", "timed rows")
    notes = [] if any(machine.floor for machine in collected.machines) else ["No saved run has a measured floor."]
    return Figure("cost", "Cost per cell and step", CAPTION, panels, notes if panels else [], missing)


def cost(timed: Timed) -> float:
    """Nanoseconds per cell and step."""
    return number(timed.row.record.ns_per_cell_step) or at_this_rate(timed.rtf, timed.cells)


def at_this_rate(seconds: float, cells: int | float) -> float:
    """Nanoseconds per cell and step, of wall seconds per second of model time."""
    return seconds * 1e9 / (STEPS * cells)


def panel(collected: Collected, kind: NetworkKind) -> Panel:
    """The `Panel` of a kind of network."""
    found = lines.points(collected, kind)
    floors = {machine: machine.floor[str(kind)] for machine in collected.machines if str(kind) in machine.floor}
    said = [f" Floor of {machine.name}: {ns:.3g} ns." for machine, ns in floors.items()]
    alt = f"Nanoseconds per cell and step. {lines.in_words(found, cost, 'ns')}{''.join(said)}"
    return Panel(f"cost-{kind.key}", kind.title, alt, lambda: draw(found, style.looks(collected), floors, kind))


def draw(
    found: lines.Lines, looks: Mapping[str, style.Look], floors: Mapping[Machine, float], kind: NetworkKind
) -> style.Drawing:
    """The drawing of a panel."""
    drawing, axes = style.drawing()
    scale.logarithmic(axes.xaxis)
    scale.logarithmic(axes.yaxis)
    entries = lines.draw(axes, found, looks, cost)
    entries += legend.published_line(axes, [Point(n, at_this_rate(s, n)) for n, s in fastest(kind)])
    entries += floor_lines(axes, floors)
    low, high = axes.get_ylim()
    axes.plot(ENDS, [at_this_rate(1.0, n) for n in ENDS], color=style.MUTED, linewidth=1.0)
    entries.append(Line2D([], [], color=style.MUTED, linewidth=1.0, label="real time"))
    lines.olives(axes)
    axes.set(xlim=ENDS, ylim=(low, high), xlabel="cells", ylabel="ns per cell and step")
    axes.set_title(style.short(kind.title, 60), pad=18)
    legend.below(drawing, [*entries, *lines.faces(found)])
    return drawing


def floor_lines(axes: Axes, floors: Mapping[Machine, float]) -> list[legend.Entry]:
    """The floor of each machine; returns the legend's entries."""
    entries: list[legend.Entry] = []
    for (machine, ns), dash in zip(floors.items(), DASHES):
        axes.axhline(ns, color=style.INK, linewidth=1.8, linestyle=dash)
        name = f"floor of {machine.label or 'this machine'}: {ns:.2g} ns"
        entries.append(Line2D([], [], color=style.INK, linewidth=1.8, linestyle=dash, label=name))
    return entries
