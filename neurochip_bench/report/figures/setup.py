"""Fig. 7A: what it takes until a network runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Sequence

from matplotlib.patches import Patch

from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import legend, marks, style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.figures.lines import doubt, word
from neurochip_bench.report.row import NetworkKind, Row
from neurochip_bench.report.values import number, shown

CAPTION = (
    "Seconds until a network runs: building it, writing its file where there is one (export), compiling, and what"
    " the first run takes beyond a later one where that stands out of their spread. The paper shows the same at "
    "729 cells (its Fig. 7A, without numbers to draw here)."
)
PAPER_CELLS = 729
NAMES = ("build", "export", "compile", "first run")  # of `Parts`, as are the two below
COLOURS = ("#0072b2", "#56b4e9", "#e69f00", "#d55e00")
HATCHES = ("", "\\\\\\", "...", "///")


class Parts(NamedTuple):
    """The seconds until a network runs."""

    build: float
    export: float
    compile: float
    first_run: float


@dataclass(frozen=True)
class Setup:
    """A row that says its setup time."""

    row: Row
    parts: Parts

    @property
    def order(self) -> tuple[bool, float]:
        """Where it stands among others: the right ones first, the shorter before the longer."""
        return not self.row.right, sum(self.parts)

    @property
    def preferred(self) -> tuple[int, bool]:
        """The larger it is, the rather the row counts: the newest run, in it the experiment's own row."""
        return self.row.run, self.row.experiment == "setup"


def figure(collected: Collected) -> Figure:
    """The `Figure`: a panel for each model and connectivity with rows that say their setup time."""
    measured = [row.kind for row in collected.of("setup") if row.kind is not None and row.cells]
    groups = ((kind, chosen(collected, kind)) for kind in dict.fromkeys([*collected.networks, *measured]))
    panels = [panel(kind, rows) for kind, rows in groups if rows]
    missing = None if panels else not_measured("setup", "setup times")
    return Figure("setup", "Setup time (Fig. 7A)", CAPTION, panels, missing=missing)


def parts(row: Row) -> Parts | None:
    """The `Parts` of a row, None where it lacks one that it must have; exporting is a part of compiling."""
    build, compiling = number(row.record.build_s), number(row.record.compile_s)
    if build is None or compiling is None:
        return None
    export, first = number(row.record.export_s) or 0.0, number(row.record.jit_s)
    if first is None:
        first = beyond(row)
    return Parts(*(max(0.0, part) for part in (build, export, compiling - export, first)))


def beyond(row: Row) -> float:
    """What the first run took beyond a later one, 0 where it lies within their spread or is not known."""
    first, median, most = number(row.record.first_run_s), row.seconds("median"), row.seconds("max")
    return first - median if first and median and most and first > most else 0.0


def chosen(collected: Collected, kind: NetworkKind) -> list[Setup]:
    """One row a series, the right ones first, at 729 cells, or the largest size up to there, or the smallest beyond."""
    found: dict[int, dict[str, Setup]] = {}
    for row in collected.of("setup", "run", "scaling", "speedup"):
        seconds = parts(row)
        if row.kind == kind and row.cells and row.backend and seconds:
            by_series, setup = found.setdefault(row.cells, {}), Setup(row, seconds)
            if setup.preferred >= by_series.setdefault(row.series, setup).preferred:
                by_series[row.series] = setup
    if not found:
        return []
    below = [cells for cells in found if cells <= PAPER_CELLS]
    size = max(below) if below else min(found)
    return sorted(found[size].values(), key=lambda setup: setup.order)


def panel(kind: NetworkKind, rows: Sequence[Setup]) -> Panel:
    """The `Panel` of a kind of network."""
    title = f"{kind.title}, {rows[0].row.cells:,} cells"
    alt = " ".join(["Setup seconds.", *map(in_words, rows)])
    return Panel(f"setup-{kind.key}", title, alt, lambda: draw(rows, title))


def in_words(setup: Setup) -> str:
    """A row as the description of its picture has it: its series, the parts of its setup, its verdict."""
    each = ", ".join(f"{name} {shown(part)}" for name, part in zip(NAMES, setup.parts))
    return f"{setup.row.series}: {shown(sum(setup.parts))} s ({each}), {word(setup.row)}{doubt(setup.row)}."


def draw(rows: Sequence[Setup], title: str) -> style.Drawing:
    """The drawing of a panel: a bar a series, stacked, its verdict beside it."""
    drawing, axes = style.drawing(1.3 + 0.34 * len(rows))
    for y, setup in enumerate(rows):
        start = 0.0
        for colour, hatch, seconds in zip(COLOURS, HATCHES, setup.parts):
            look = {"color": colour, "hatch": hatch, "edgecolor": style.PAPER, "linewidth": 0}
            axes.barh(y, seconds, 0.66, left=start, **look)
            start += seconds
        place = {"textcoords": "offset points", "va": "center", "fontsize": 9}
        axes.annotate(f"{shown(start)} s", (start, y), (6, 0), **place)
        marks.beside(axes, y, setup.row.verdict, setup.row)
    axes.set_yticks(range(len(rows)), [style.short(setup.row.series) for setup in rows])
    axes.set(xlabel="s", title=style.short(title, 60), ylim=(len(rows) - 0.4, -0.6))
    axes.margins(x=0.16)
    axes.set_xlim(left=0)
    axes.grid(visible=False, axis="y")
    looks = zip(NAMES, COLOURS, HATCHES)
    entries = [Patch(facecolor=c, hatch=h, edgecolor=style.PAPER, label=name) for name, c, h in looks]
    legend.below(drawing, [*entries, *legend.of_rows(setup.row for setup in rows)])
    return drawing
