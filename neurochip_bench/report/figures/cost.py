"""Cost per cell and step over size, above the least that the machine needs."""

from __future__ import annotations

from matplotlib.lines import Line2D

from neurochip_bench.report.figures import lines, style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.published import fastest

STEPS = 40_000  # of 0.025 ms, a second
CAPTION = (
    "Nanoseconds per cell and step of 0.025 ms. A line that falls still pays a fixed price per step; one that is "
    "flat is at work. No program of the processor can be below its floor: every operation of a step at the speed at "
    "which it was measured to multiply matrices. The grey diagonal is real time."
)


def figure(pool):
    """The `Figure`: a panel for each model and connectivity that was timed."""
    panels = [panel(pool, *network) for network in pool.networks if any(cost(r) for r in rows_of(pool, network))]
    missing = None if panels else not_measured("scaling", "timed rows")
    notes = [] if any(machine.floor for machine in pool.machines) else ["No saved run has a measured floor."]
    return Figure("cost", "Cost per cell and step", CAPTION, panels, notes if panels else [], missing)


def rows_of(pool, network):
    """The timed rows of a kind of network."""
    return [row for row in pool.timed if row.network[:2] == network]


def cost(row):
    """Nanoseconds per cell and step."""
    return row.number("ns_per_cell_step") or row.rtf * 1e9 / (STEPS * row.cells)


def panel(pool, model, connectivity):
    """The `Panel` of a kind of network."""
    found = lines.points(pool, model, connectivity)
    network = f"{model} {connectivity}"
    floors = {m: m.floor[network] for m in pool.machines if network in m.floor}
    said = [f" Floor of {m.name}: {ns:.3g} ns." for m, ns in floors.items()]
    alt = f"Nanoseconds per cell and step. {lines.in_words(found, cost, 'ns')}{''.join(said)}"
    title = f"{model}, {connectivity}"
    return Panel(f"cost-{model}-{connectivity}", title, alt, lambda: draw(pool, found, floors, model, connectivity))


def draw(pool, found, floors, model, connectivity):
    """The drawing of a panel."""
    drawing, axes = style.drawing()
    style.logarithmic(axes.xaxis)
    style.logarithmic(axes.yaxis)
    series, faces = lines.draw(axes, found, style.styles(pool), cost)
    entries = [*series, *overlay(axes, fastest(model, connectivity))]
    for (machine, ns), dash in zip(floors.items(), ("-", "--", ":", "-.")):
        axes.axhline(ns, color=style.INK, linewidth=1.8, linestyle=dash)
        name = f"floor of {machine.label or 'this machine'}: {ns:.2g} ns"
        entries.append(Line2D([], [], color=style.INK, linewidth=1.8, linestyle=dash, label=name))
    low, high = axes.get_ylim()
    ends = (30, 1.2e7)
    axes.plot(ends, [1e9 / (STEPS * n) for n in ends], color=style.MUTED, linewidth=1.0)
    entries.append(Line2D([], [], color=style.MUTED, linewidth=1.0, label="real time"))
    lines.olives(axes)
    axes.set(xlim=ends, ylim=(low, high), xlabel="cells", ylabel="ns per cell and step")
    axes.set_title(style.short(f"{model}, {connectivity}", 60), pad=18)
    style.legend(drawing, [*entries, *faces])
    return drawing


def overlay(axes, line):
    """The paper's fastest platform, converted; returns the legend's entry."""
    if not line:
        return []
    look = {"color": style.INK, "linestyle": ":", "marker": ".", "markersize": 5, "linewidth": 1.2, "zorder": 2}
    axes.plot([n for n, _ in line], [s * 1e9 / (STEPS * n) for n, s in line], **look)
    return [Line2D([], [], label="paper: fastest platform", **look)]
