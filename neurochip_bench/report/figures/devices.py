"""One network over several devices: strong and weak scaling, with what would be ideal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Sequence

from matplotlib.lines import Line2D

from neurochip_bench.keep.ran_on import devices_of
from neurochip_bench.report.collected import Collected
from neurochip_bench.report.figures import legend, lines, marks, scale, style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.row import Row, Timed
from neurochip_bench.report.values import shown

STRONG, WEAK = "strong", "weak"
TITLES = {STRONG: "Strong scaling", WEAK: "Weak scaling"}
CAPTION = (
    "Strong scaling: one network, more devices. Weak scaling: as many cells on each device, in a torus that grows "
    "along one axis. Beside each point its efficiency: the time that would be ideal, from the fewest devices, over the "
    "time that it took. Dotted: the ideal. Virtual devices share one processor, and gain nothing: they show that it "
    "works."
)


@dataclass(frozen=True)
class Scaled:
    """A timed row over devices, of what it is a point, and the time that would be ideal; None where nothing is known.

    line   what scales: the experiment, network, backend, machine and processes' kind; of weak scaling cells per device
    """

    timed: Timed
    line: Line
    ideal: float | None

    @property
    def devices(self) -> int:
        """How many."""
        return devices_of(self.timed.row.record)

    @property
    def efficiency(self) -> float | None:
        """The ideal time over that which it took."""
        return None if self.ideal is None else self.ideal / self.timed.rtf


@dataclass(frozen=True)
class Line:
    """What a line is of; `cells` are those of a device in weak scaling."""

    experiment: str
    kind: str
    cells: int
    series: str

    @property
    def label(self) -> str:
        """What it is called in a legend."""
        return f"{self.series}, {self.cells:,} cells{' a device' if self.experiment == WEAK else ''}"


def line_of(timed: Timed) -> Line:
    """The line that a row is a point of."""
    row, devices = timed.row, devices_of(timed.row.record)
    cells = timed.cells // devices if row.experiment == WEAK else timed.cells
    coupling = f" {row.record.coupling}" if row.record.coupling else ""
    machine = f" · {row.machine.label}" if row.machine.label else ""
    return Line(row.experiment, timed.kind.title, cells, f"{row.backend}{coupling}{machine}")


def scaled(collected: Collected) -> list[Scaled]:
    """A `Scaled` for each timed row of both experiments, by line and devices; the first of a line is its baseline."""
    rows: list[Row] = collected.of(STRONG, WEAK)
    by_line: dict[Line, list[Timed]] = {}
    for timed in (row.timed for row in rows if row.timed is not None):
        by_line.setdefault(line_of(timed), []).append(timed)
    found = []
    for line, points in by_line.items():
        points.sort(key=lambda timed: (devices_of(timed.row.record), timed.row.record.processes or 1))
        base = next((timed for timed in points if timed.row.right), None)
        found += [Scaled(timed, line, ideal(base, timed) if base else None) for timed in points]
    return found


def ideal(base: Timed, timed: Timed) -> float:
    """The time that a row would take if devices cost nothing: of strong scaling a part, of weak scaling the same."""
    if timed.row.experiment == WEAK:
        return base.rtf
    return base.rtf * devices_of(base.row.record) / devices_of(timed.row.record)


def figure(collected: Collected) -> Figure:
    """The `Figure`: a panel for each experiment that was run."""
    found = scaled(collected)
    several = {entry.line for entry in found if entry.devices > 1}
    drawn = [entry for entry in found if entry.line in several]
    panels = [
        panel(collected, experiment, mine)
        for experiment in TITLES
        if (mine := [entry for entry in drawn if entry.line.experiment == experiment])
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
    efficiency = "" if entry.efficiency is None else f", efficiency {entry.efficiency:.0%}"
    return (
        f"{row.ran_on}, {entry.timed.cells:,} cells: {shown(entry.timed.rtf)} s{efficiency}{wrong}{lines.doubt(row)}."
    )


def draw(found: Sequence[Scaled], title: str) -> style.Drawing:
    """The drawing of a panel: a line each, and dotted what would be ideal."""
    drawing, axes = style.drawing()
    scale.logarithmic(axes.yaxis)
    axes.set_xscale("log", base=2)
    by_line: Mapping[Line, list[Scaled]] = {entry.line: [] for entry in found}
    for entry in found:
        by_line[entry.line].append(entry)
    for i, points in enumerate(by_line.values()):
        look = style.look(i)
        right = [entry for entry in points if entry.timed.row.right]
        axes.plot([e.devices for e in right], [e.timed.rtf for e in right], color=look.colour, zorder=3)
        told = [entry for entry in points if entry.ideal is not None]
        axes.plot([e.devices for e in told], [e.ideal for e in told], color=look.colour, linestyle=":", zorder=2)
        for entry in points:
            marks.point(axes, entry.devices, entry.timed.rtf, entry.timed.row.verdict, look)
            marks.doubt(axes, entry.devices, entry.timed.rtf, entry.timed.row)
            if entry.efficiency is not None:
                beside = {"textcoords": "offset points", "ha": "center", "fontsize": 9}
                axes.annotate(f"{entry.efficiency:.0%}", (entry.devices, entry.timed.rtf), (0, 9), **beside)
    numbers = sorted({entry.devices for entry in found})
    axes.set_xticks(numbers, [devices_in_words(n, found) for n in numbers])
    axes.set(xlabel="devices", ylabel=style.RTF, title=style.heading(title), xlim=(numbers[0] / 1.4, numbers[-1] * 1.4))
    entries = [legend.entry(line.label, style.look(i)) for i, line in enumerate(by_line)]
    entries.append(Line2D([], [], color=style.MUTED, linestyle=":", label="ideal"))
    legend.below(drawing, [*entries, *legend.of_rows(entry.timed.row for entry in found)])
    return drawing


def devices_in_words(number: int, found: Sequence[Scaled]) -> str:
    """A number of devices, virtual where all of them were."""
    virtual = [entry.timed.row.record.virtual_devices for entry in found if entry.devices == number]
    return f"{number}\nvirtual" if all(virtual) else str(number)
