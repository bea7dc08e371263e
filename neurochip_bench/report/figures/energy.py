"""Table 3: energy of a second of model time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, NamedTuple, Sequence

from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import legend, marks, scale, style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.figures.lines import doubt, word
from neurochip_bench.report.published import Energy, published
from neurochip_bench.report.row import Row
from neurochip_bench.report.values import positive, shown, text

CAPTION = (
    "Joules per simulated second, all that the meter saw; the small dot is what remains without the power at "
    "idle. Each meter sees another part of the machine (board, package, chip): compare only what names the same. "
    "The paper's Table 3 is power times time, 729 connected inferior-olive cells, idle included."
)


class Network(NamedTuple):
    """Which network was metered."""

    model: str
    connectivity: str
    cells: int


@dataclass(frozen=True)
class Metered:
    """A row that says its joules per second of model time."""

    row: Row
    joules: float

    @property
    def name(self) -> str:
        """The series and what its meter sees."""
        meter = text(self.row.record.energy_meter) or "meter unknown"
        return f"{style.short(self.row.series)}\n{style.short(f'{scope(self.row)}, {meter}')}"


def figure(collected: Collected) -> Figure:
    """The `Figure`: a panel for each network that was metered."""
    groups: dict[Network, list[Metered]] = {}
    for metered in measured(collected):
        row = metered.row
        if row.kind is not None and row.cells is not None and row.backend is not None:
            groups.setdefault(Network(row.kind.model, row.kind.connectivity, row.cells), []).append(metered)
    panels = [
        panel(collected, network, sorted(groups[network], key=lambda metered: (not metered.row.right, metered.joules)))
        for network in sorted(groups)
    ]
    missing = None if panels else not_measured("energy")
    return Figure("energy", "Energy (Table 3)", CAPTION, panels, missing=missing)


def measured(collected: Collected) -> list[Metered]:
    """The rows that say their joules."""
    found = ((row, joules(row)) for row in collected.of("energy"))
    return [Metered(row, value) for row, value in found if value is not None]


def joules(row: Row) -> float | None:
    """Joules per second of model time, or None."""
    return positive(row.record.energy_j_per_model_s)


def scope(row: Row) -> str:
    """Which part of the machine a row's meter sees."""
    return text(row.record.energy_scope) or "scope unknown"


def paper_network() -> Network:
    """The network of the paper's Table 3."""
    return Network("io", "connected", published()["energy_cells"])


def panel(collected: Collected, network: Network, rows: Sequence[Metered]) -> Panel:
    """The `Panel` of a network."""
    said = [in_words(metered) for metered in rows]
    title = f"{network.model}, {network.connectivity}, {network.cells:,} cells"
    paper = published()["energy"] if network == paper_network() else []
    said += [f"Paper, {entry['device']}: {entry['energy_j']} J." for entry in paper]
    alt = f"Joules per simulated second. {' '.join(said)}"
    key = f"energy-{network.model}-{network.connectivity}-{network.cells}"
    return Panel(key, title, alt, lambda: draw(style.looks(collected), rows, paper, title))


def in_words(metered: Metered) -> str:
    """A row as the description of its picture has it: its series, what was metered, its joules."""
    row = metered.row
    wrong = "" if row.right else f", {word(row)}"
    return f"{row.series} ({text(row.record.energy_scope)}): {shown(metered.joules)} J{wrong}{doubt(row)}."


def draw(
    looks: Mapping[str, style.Look], rows: Sequence[Metered], paper: Sequence[Energy], title: str
) -> style.Drawing:
    """The drawing of a panel: a point a row, the paper's below."""
    drawing, axes = style.drawing(1.6 + 0.5 * len(rows) + 0.36 * len(paper))
    scale.logarithmic(axes.xaxis)
    side = {"textcoords": "offset points", "ha": "center", "fontsize": 9}
    for y, metered in enumerate(rows):
        x = metered.joules
        marks.point(axes, x, y, metered.row.verdict, looks[metered.row.series], size=9)
        marks.doubt(axes, x, y, metered.row, size=9)
        axes.annotate(f"{shown(x)} J", (x, y), (0, 8), **side)
        net = positive(metered.row.record.energy_net_j_per_model_s)
        if net:
            axes.plot([net, x], [y, y], color=style.MUTED, linewidth=1.2, zorder=1)
            axes.plot([net], [y], marker=".", color=style.MUTED, markersize=7)
    for y, entry in enumerate(paper, len(rows)):
        axes.plot([entry["energy_j"]], [y], marker="1", color=style.INK, markersize=11, markeredgewidth=1.6)
        axes.annotate(f"{entry['energy_j']} J", (entry["energy_j"], y), (0, 8), **side)
    names = [*(metered.name for metered in rows), *(f"paper: {entry['device']}" for entry in paper)]
    axes.set_yticks(range(len(names)), names)
    values = [metered.joules for metered in rows] + [entry["energy_j"] for entry in paper]
    axes.set_xlim(min(values) / 2, max(values) * 2)
    axes.set(xlabel="joules per simulated second", ylim=(len(names) - 0.4, -0.8), title=style.heading(title))
    axes.grid(visible=False, axis="y")
    legend.below(drawing, legend.of_rows(metered.row for metered in rows))
    return drawing
