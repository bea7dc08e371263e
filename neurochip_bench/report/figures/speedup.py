"""Fig. 7B: how much faster than the CPU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Sequence

from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import legend, marks, scale, style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.figures.lines import Lines, doubt, points, word
from neurochip_bench.report.machines import Machine
from neurochip_bench.report.published import published
from neurochip_bench.report.row import NetworkKind, Timed
from neurochip_bench.report.values import shown

BASELINE = "tensorflow-cpu-f32"  # the paper's CPU: TensorFlow's XLA
PUBLISHED_CELLS = 125_000
KIND = NetworkKind("io", "connected")
PAPER_SIZES = (64, 729, PUBLISHED_CELLS)
CAPTION = (
    f"How many times faster than `{BASELINE}` of the same machine, connected networks of inferior-olive cells: the"
    " paper's CPU reference is TensorFlow's XLA as well. Above 1 is faster."
)


@dataclass(frozen=True)
class Speedup:
    """A timed row, and how many times as fast as the baseline of its machine and size it is."""

    timed: Timed
    times: float

    @property
    def series(self) -> str:
        """The line of the figures that it belongs to."""
        return self.timed.row.series

    @property
    def right(self) -> bool:
        """Whether its result is right."""
        return self.timed.row.right


def figure(collected: Collected) -> Figure:
    """The `Figure`: a panel for each of the paper's sizes that was run, and for the largest."""
    found = points(collected, KIND)
    every = [speedup for speedup in speedups(found) if speedup.timed.row.backend != BASELINE]
    sizes = sorted({speedup.timed.cells for speedup in every})
    drawn = [n for n in sizes if n in PAPER_SIZES or n == sizes[-1]]
    panels = [panel(collected, n, [s for s in every if s.timed.cells == n]) for n in drawn]
    machines = {timed.row.machine for line in found.values() for timed in line.points}
    with_it = {machine.title for machine, _ in baselines(found)}
    without = sorted({machine.title for machine in machines} - with_it)
    notes = [f"No right row of {BASELINE} on {title}: nothing of it is compared." for title in without]
    others = [f"{n:,}" for n in sizes if n not in drawn]
    notes += [f"Other sizes are in the tables: {', '.join(others)} cells."] if others else []
    what = f"right rows of {BASELINE} beside another backend (io, connected)"
    missing = None if panels else not_measured("speedup", what)
    return Figure("speedup", "Speedup over the CPU (Fig. 7B)", CAPTION, panels, notes, missing)


def speedups(found: Lines) -> list[Speedup]:
    """A `Speedup` for each point of a machine and size that has a baseline, the baseline's own too."""
    bases = baselines(found)
    every = [timed for line in found.values() for timed in line.points if (timed.row.machine, timed.cells) in bases]
    return [Speedup(timed, bases[timed.row.machine, timed.cells] / timed.rtf) for timed in every]


def baselines(found: Lines) -> dict[tuple[Machine, int], float]:
    """{(machine, cells): wall seconds per model second of the baseline}, of right rows."""
    right = (timed for line in found.values() for timed in line.right if timed.row.backend == BASELINE)
    return {(timed.row.machine, timed.cells): timed.rtf for timed in right}


def range_published() -> str:
    """What the paper says, and of which size."""
    numbers = published()["speedup_connected_125000"].values()
    return f"published: {min(numbers):,} to {max(numbers):,} times at {PUBLISHED_CELLS:,} cells"


def panel(collected: Collected, cells: int, speedups: Sequence[Speedup]) -> Panel:
    """The `Panel` of a size."""
    ranked = sorted(speedups, key=lambda speedup: (not speedup.right, -speedup.times))
    title = f"io, connected, {cells:,} cells"
    alt = f"Speedup over {BASELINE}. {' '.join([*map(in_words, ranked), f'{range_published()}.'])}"
    paper = published()["speedup_connected_125000"] if cells == PUBLISHED_CELLS else {}
    return Panel(f"speedup-{cells}", title, alt, lambda: draw(style.looks(collected), ranked, paper, title))


def in_words(speedup: Speedup) -> str:
    """A series as the description of its picture has it: how many times as fast."""
    wrong = "" if speedup.right else f", {word(speedup.timed.row)}"
    return f"{speedup.series} {shown(speedup.times)} times{wrong}{doubt(speedup.timed.row)}."


def draw(
    looks: Mapping[str, style.Look], ranked: Sequence[Speedup], paper: Mapping[str, int], title: str
) -> style.Drawing:
    """The drawing of a panel: a stem a series, from 1, the paper's below."""
    drawing, axes = style.drawing(1.5 + 0.36 * (len(ranked) + len(paper)))
    scale.logarithmic(axes.xaxis)
    side = {"textcoords": "offset points", "ha": "center", "fontsize": 9}
    for y, speedup in enumerate(ranked):
        x, look, dash = speedup.times, looks[speedup.series], "-" if speedup.right else ":"
        axes.plot([1.0, x], [y, y], color=look.colour, linestyle=dash, linewidth=3, zorder=2)
        marks.point(axes, x, y, speedup.timed.row.verdict, look, size=9)
        marks.doubt(axes, x, y, speedup.timed.row, size=9)
        axes.annotate(f"{shown(x)}×", (x, y), (0, 8), **side)
    for y, times in enumerate(paper.values(), len(ranked)):
        axes.plot([times], [y], marker="1", color=style.INK, markersize=11, markeredgewidth=1.6, linestyle="none")
        axes.annotate(f"{times:,}×", (times, y), (0, 8), **side)
    published_names = [f"paper: {name} chip" if name == "lowest" else f"paper: {name}" for name in paper]
    names = [*(speedup.series for speedup in ranked), *published_names]
    axes.set_yticks(range(len(names)), [style.short(name) for name in names])
    values = [1.0, *(speedup.times for speedup in ranked), *paper.values()]
    axes.set(xlim=(min(values) / 2, max(values) * 2), ylim=(len(names) - 0.5, -0.8))
    axes.axvline(1.0, color=style.INK, linewidth=1.1)
    note = "" if paper else "\n" + range_published().replace(" at ", "\nat ")
    axes.set(xlabel=f"times faster than {BASELINE}{note}", title=style.heading(title))
    axes.grid(visible=False, axis="y")
    legend.below(drawing, legend.of_rows(speedup.timed.row for speedup in ranked))
    return drawing
