"""Table 3: energy of a second of model time."""

from __future__ import annotations

from neurochip_bench.report.figures import style
from neurochip_bench.report.figures.figure import PUBLISHED_ONLY, Figure, Panel, unmeasured
from neurochip_bench.report.figures.lines import word
from neurochip_bench.report.published import published
from neurochip_bench.report.values import positive, shown

CAPTION = (
    "Joules per second of model time, all that the meter saw; the small dot is what remains without the power at "
    "idle. Each meter sees another part of the machine (board, package, chip): compare only what names the same. "
    "The paper's Table 3 is power times time, 729 connected inferior-olive cells, idle included."
)


def figure(pool):
    """The `Figure`: a panel for each network that was metered, and for the paper's."""
    groups: dict = {}
    for row in pool.of("energy"):
        if None not in (*row.network, row.backend) and joules(row):
            groups.setdefault(row.network, []).append(row)
    groups.setdefault(("io", "connected", published()["energy_cells"]), [])
    panels = [
        panel(pool, key, sorted(groups[key], key=lambda row: (not row.right, joules(row)))) for key in sorted(groups)
    ]
    return Figure("energy", "Energy (Table 3)", CAPTION, panels, missing=unmeasured(panels, "energy"))


def joules(row):
    """Joules per second of model time, or None."""
    return positive(row.number("energy_j_per_model_s"))


def name(row):
    """The series and what its meter sees."""
    scope, meter = row.word("energy_scope") or "scope unknown", row.word("energy_meter") or "meter unknown"
    return f"{style.short(row.series)}\n{style.short(f'{scope}, {meter}')}"


def panel(pool, key, rows):
    """The `Panel` of a network."""
    model, connectivity, cells = key
    said = [
        f"{row.series} ({row.word('energy_scope')}): {shown(joules(row))} J{'' if row.right else f', {word(row)}'}."
        for row in rows
    ]
    title = f"{model}, {connectivity}, {cells:,} cells"
    if not rows:
        title += f" ({PUBLISHED_ONLY})"
        said = [f"Paper, {entry['device']}: {entry['energy_j']} J." for entry in published()["energy"]]
    alt = f"Joules per second of model time. {' '.join(said)}"
    return Panel(f"energy-{model}-{connectivity}-{cells}", title, alt, lambda: draw(pool, key, rows, title))


def draw(pool, key, rows, title):
    """The drawing of a panel: a point a row, the paper's below where the network is its own."""
    numbers = published()
    paper = numbers["energy"] if key == ("io", "connected", numbers["energy_cells"]) else []
    drawing, axes = style.drawing(1.6 + 0.5 * len(rows) + 0.36 * len(paper))
    looks = style.styles(pool)
    style.logarithmic(axes.xaxis)
    side = {"textcoords": "offset points", "ha": "center", "fontsize": 9}
    for y, row in enumerate(rows):
        style.point(axes, joules(row), y, row.verdict, looks[row.series], size=9)
        axes.annotate(f"{shown(joules(row))} J", (joules(row), y), (0, 8), **side)
        net = positive(row.number("energy_net_j_per_model_s"))
        if net:
            axes.plot([net, joules(row)], [y, y], color=style.MUTED, linewidth=1.2, zorder=1)
            axes.plot([net], [y], marker=".", color=style.MUTED, markersize=7)
    for y, entry in enumerate(paper, len(rows)):
        axes.plot([entry["energy_j"]], [y], marker="1", color=style.INK, markersize=11, markeredgewidth=1.6)
        axes.annotate(f"{entry['energy_j']} J", (entry["energy_j"], y), (0, 8), **side)
    names = [*map(name, rows), *(f"paper: {entry['device']}" for entry in paper)]
    axes.set_yticks(range(len(names)), names)
    values = [joules(row) for row in rows] + [entry["energy_j"] for entry in paper]
    axes.set_xlim(min(values) / 2, max(values) * 2)
    axes.set(xlabel="J per model s", ylim=(len(names) - 0.4, -0.8), title=style.heading(title))
    axes.grid(visible=False, axis="y")
    style.legend(drawing, style.faces([row.verdict for row in rows]))
    return drawing
