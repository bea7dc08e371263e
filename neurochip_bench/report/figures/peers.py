"""The field's own simulators beside the fastest right compiler: nanoseconds per cell and step over size."""

from __future__ import annotations

from typing import Mapping, Sequence

from matplotlib.lines import Line2D

from neurochip_bench.report.beside import Beside, beside
from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import legend, lines, scale, style
from neurochip_bench.report.figures.cost import cost
from neurochip_bench.report.figures.figure import Figure, Panel
from neurochip_bench.report.row import NetworkKind, Timed
from neurochip_bench.report.values import shown

CAPTION = (
    "Nanoseconds per cell and step of 0.025 ms of the simulators that neuroscientists use, on the same networks, "
    "judged by the same truth, and the fastest right compiler of the same saved run, whose precision may be "
    "another. They are not ranked."
)
MISSING = "Not measured here: the saved runs have no rows of peers. Run `tox -e peers`."
COMPILER = "fastest right compiler"


def figure(collected: Collected) -> Figure:
    """The `Figure`: a panel for each kind of network that a peer ran."""
    kinds = dict.fromkeys(entry.peer.kind for entry in beside(collected))
    panels = [panel(collected, kind) for kind in kinds]
    return Figure("peers", "Beside the field's simulators", CAPTION, panels, missing=None if panels else MISSING)


def panel(collected: Collected, kind: NetworkKind) -> Panel:
    """The `Panel` of a kind of network."""
    entries = beside(collected, kind)
    found = lines_of(entries)
    best = sorted({entry.best for entry in entries if entry.best is not None}, key=lambda timed: timed.cells)
    said = ", ".join(f"{shown(cost(timed))} ns at {timed.cells:,} cells ({timed.row.ran_on})" for timed in best)
    alt = f"Nanoseconds per cell and step. {lines.in_words(found, cost, 'ns')} {COMPILER}: {said or 'none'}."
    return Panel(f"peers-{kind.key}", kind.title, alt, lambda: draw(found, best, style.looks(collected), kind))


def lines_of(entries: Sequence[Beside]) -> dict[str, lines.Line]:
    """The `Line` of each peer, by its series."""
    found: dict[str, lines.Line] = {}
    for entry in entries:
        line = found.setdefault(entry.peer.row.series, lines.Line())
        (line.right if entry.peer.row.right else line.wrong).append(entry.peer)
    return found


def draw(
    found: lines.Lines, best: Sequence[Timed], looks: Mapping[str, style.Look], kind: NetworkKind
) -> style.Drawing:
    """The drawing of a panel."""
    drawing, axes = style.drawing()
    scale.logarithmic(axes.xaxis)
    scale.logarithmic(axes.yaxis)
    entries = lines.draw(axes, found, looks, cost)
    if best:
        look = {"color": style.INK, "linewidth": 1.8, "marker": "."}
        axes.plot([timed.cells for timed in best], [cost(timed) for timed in best], **look)
        entries.append(Line2D([], [], label=COMPILER, **look))
    axes.set(xlabel="cells", ylabel="ns per cell and step", title=style.short(kind.title, 60))
    legend.below(drawing, [*entries, *lines.faces(found)])
    return drawing
