"""Cost per cell and step over size, above the least that the machine needs."""

from __future__ import annotations

from typing import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from neurochip_bench.keep.floor import Floor
from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import legend, lines, scale, style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.machines import Machine
from neurochip_bench.report.published import Point, fastest
from neurochip_bench.report.row import NetworkKind, Timed
from neurochip_bench.report.values import number, shown

STEPS = 40_000  # of 0.025 ms, a second
DASHES = ("-", "--", ":", "-.")  # of the floors of several machines
ENDS = (30, 1.2e7)  # cells
CAPTION = (
    "Nanoseconds per cell and step of 0.025 ms. A line that falls still pays a fixed price per step; one that is "
    "flat is at work. A floor is a bound, which no program need reach: every operation of a step at the speed at which "
    "the cores were measured to multiply matrices, or, where that is more, the states of connected cells at the speed "
    "at which they were measured to read as much memory. The grey diagonal is real time."
)


def figure(collected: Collected) -> Figure:
    """The `Figure`: a panel for each kind of network that was timed at several sizes, over which costs change."""
    several = [kind for kind in collected.networks if len({row.cells for row in collected.timed_of(kind)}) > 1]
    panels = [panel(collected, kind) for kind in several]
    missing = None if panels else not_measured("scaling", "network timed at several sizes")
    measured = any(machine.floor.compute for machine in collected.machines)
    notes = [] if measured else ["No saved run has a measured floor."]
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
    floors = {machine: machine.floor for machine in collected.machines if machine.floor.at(str(kind), ENDS[0])}
    sizes = sorted({timed.cells for line in found.values() for timed in line.points})
    said = [f" {floor_in_words(machine, kind, sizes)}" for machine in floors]
    alt = f"Nanoseconds per cell and step. {lines.in_words(found, cost, 'ns')}{''.join(said)}"
    return Panel(f"cost-{kind.key}", kind.title, alt, lambda: draw(found, style.looks(collected), floors, kind))


def floor_in_words(machine: Machine, kind: NetworkKind, sizes: Sequence[int]) -> str:
    """The floor of a machine where it changes over these sizes."""
    steps: dict[str, int] = {}
    for cells in sizes:
        steps.setdefault(shown(machine.floor.at(str(kind), cells)), cells)
    said = ", ".join(
        f"{ns} ns" + (f" from {cells:,} cells on" if len(steps) > 1 else "") for ns, cells in steps.items()
    )
    return f"Floor of {machine.name}: {said}."


def draw(
    found: lines.Lines, looks: Mapping[str, style.Look], floors: Mapping[Machine, Floor], kind: NetworkKind
) -> style.Drawing:
    """The drawing of a panel."""
    drawing, axes = style.drawing()
    scale.logarithmic(axes.xaxis)
    scale.logarithmic(axes.yaxis)
    entries = lines.draw(axes, found, looks, cost)
    entries += legend.published_line(axes, [Point(n, at_this_rate(s, n)) for n, s in fastest(kind)])
    entries += floor_lines(axes, floors, kind)
    low, high = axes.get_ylim()
    axes.plot(ENDS, [at_this_rate(1.0, n) for n in ENDS], color=style.MUTED, linewidth=1.0)
    entries.append(Line2D([], [], color=style.MUTED, linewidth=1.0, label="real time"))
    lines.olives(axes)
    axes.set(xlim=ENDS, ylim=(low, high), xlabel="cells", ylabel="ns per cell and step")
    axes.set_title(style.short(kind.title, 60), pad=18)
    legend.below(drawing, [*entries, *lines.faces(found)])
    return drawing


def floor_lines(axes: Axes, floors: Mapping[Machine, Floor], kind: NetworkKind) -> list[legend.Entry]:
    """The floor of each machine over the number of cells; returns the legend's entries."""
    entries: list[legend.Entry] = []
    for (machine, floor), dash in zip(floors.items(), DASHES):
        inside = [cells for cells in floor.memory.get(str(kind), {}) if ENDS[0] < cells < ENDS[1]]
        sizes = [ENDS[0], *sorted(inside), int(ENDS[1])]
        look = {"color": style.INK, "linewidth": 1.8, "linestyle": dash}
        axes.step(sizes, [floor.at(str(kind), cells) for cells in sizes], where="post", **look)
        entries.append(Line2D([], [], label=f"floor of {machine.label or 'this machine'}", **look))
    return entries
