"""Chemical synapses with a delay per connection: what longer delays cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Sequence

from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import legend, lines, marks, scale, style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.row import Row, Timed
from neurochip_bench.report.values import positive, shown, text

CAPTION = (
    "Seconds per simulated second over the longest delay: a ring buffer of future input, and beside it "
    "the paper's TensorArray (its Listing 3, which it shows and does not measure)."
)


@dataclass(frozen=True)
class Delayed:
    """A timed row with delays, the longest in ms."""

    timed: Timed
    longest: float

    @property
    def line(self) -> DelayLine:
        """Which line of a panel it belongs to."""
        return DelayLine(self.timed.row.series, text(self.timed.row.record.delay_form) or "form unknown")


class DelayLine(NamedTuple):
    """A line of a panel: the series, and how its delays were computed."""

    series: str
    form: str

    def __str__(self) -> str:
        return f"{self.series}, {self.form}"


def figure(collected: Collected) -> Figure:
    """The `Figure`: a panel for each model and size that ran with delays."""
    groups: dict[tuple[str, int], list[Delayed]] = {}
    for row in collected.of("delays"):
        most = longest(row)
        if row.timed is not None and most is not None:
            groups.setdefault((row.timed.kind.model, row.timed.cells), []).append(Delayed(row.timed, most))
    panels = [panel(model, cells, groups[model, cells]) for model, cells in sorted(groups)]
    missing = None if panels else not_measured("delays")
    return Figure("delays", "Delays on connections (Listing 3)", CAPTION, panels, missing=missing)


def longest(row: Row) -> float | None:
    """The longest delay in ms, or None."""
    return positive(row.record.delay_max_ms)


def panel(model: str, cells: int, rows: Sequence[Delayed]) -> Panel:
    """The `Panel` of a model and size."""
    found: dict[DelayLine, list[Delayed]] = {}
    for row in sorted(rows, key=lambda row: row.longest):
        found.setdefault(row.line, []).append(row)
    said = [f"{line}: {', '.join(map(in_words, those))}." for line, those in found.items()]
    title = f"{model}, {cells:,} cells"
    alt = f"Seconds per simulated second. {' '.join(said)}"
    return Panel(f"delays-{model}-{cells}", title, alt, lambda: draw(found, title))


def in_words(row: Delayed) -> str:
    """A row as the description of its picture has it: its time, at its longest delay."""
    wrong = "" if row.timed.row.right else f" {lines.word(row.timed.row)}"
    return f"{shown(row.timed.rtf)} s at {shown(row.longest)} ms{wrong}{lines.doubt(row.timed.row)}"


def draw(found: dict[DelayLine, list[Delayed]], title: str) -> style.Drawing:
    """The drawing of a panel."""
    drawing, axes = style.drawing()
    scale.logarithmic(axes.yaxis)
    entries: list[legend.Entry] = []
    for i, (line, rows) in enumerate(sorted(found.items(), key=lambda item: item[0])):
        look = style.look(i)
        right = [row for row in rows if row.timed.row.right]
        xs, ys = [row.longest for row in right], [row.timed.rtf for row in right]
        axes.plot(xs, ys, color=look.colour, linestyle=look.dash)
        for row in rows:
            marks.point(axes, row.longest, row.timed.rtf, row.timed.row.verdict, look)
            marks.doubt(axes, row.longest, row.timed.rtf, row.timed.row)
        entries.append(legend.entry(str(line), look))
    axes.axhline(1.0, color=style.INK, linewidth=1.1)
    place = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "ha": "right", "fontsize": 9}
    axes.annotate("real time", (1.0, 1.0), (0, 3), **place)
    axes.set(xlabel="longest delay, ms", ylabel=style.RTF, title=style.short(title, 60))
    axes.set_xlim(left=0)
    faces = legend.of_rows(row.timed.row for rows in found.values() for row in rows)
    legend.below(drawing, [*entries, *faces], 1)
    return drawing
