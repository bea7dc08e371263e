"""The figure of a history: a panel for each network and size, a line for each backend on each machine."""

from __future__ import annotations

from typing import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from neurochip_bench.report.figures import legend, marks, scale, style
from neurochip_bench.report.figures.figure import Panel
from neurochip_bench.report.history.series import History, Series
from neurochip_bench.report.history.steps import Step
from neurochip_bench.report.history.text import step_in_words
from neurochip_bench.report.origin import commit, versions
from neurochip_bench.report.values import shown

CAPTION = (
    "Milliseconds of a row's best round over the runs, in the order of their dates; a line is a backend on a machine. "
    "A bar across a line is a step: the comparison's own test calls the runs from there on slower or faster than those "
    "before. Dotted lines are new versions of a library. A point's face is its verdict; times that others had "
    "the cores for have a ring, and count for no step."
)
TICKS = 9  # dates that fit below a panel


def panels(history: History, found: Sequence[Step]) -> list[Panel]:
    """The panels, those with a step first."""
    groups: dict[str, list[Series]] = {}
    for series in history.series:
        groups.setdefault(title(series), []).append(series)
    stepped = {title(step.series) for step in found}
    return [panel(history, name, groups[name], found) for name in sorted(groups, key=lambda name: name not in stepped)]


def title(series: Series) -> str:
    """What stands above the panel of a series: the network, its size, and what was timed."""
    row = series.last
    kind = row.kind.title if row.kind else "?"
    return f"{kind}, {shown(row.cells)} cells ({row.experiment})"


def name(series: Series) -> str:
    """What a line is called: what ran it, in which coupling where one was asked for, and on which machine."""
    asked = series.last.name.rpartition(f"n={series.last.cells}")[2].partition("devices=")[0].strip("-]")
    backend = f"{series.last.ran_on}{f' {asked}' if asked else ''}"
    return f"{backend} · {series.machine.label}" if series.machine.label else backend


def panel(history: History, head: str, several: Sequence[Series], found: Sequence[Step]) -> Panel:
    """The panel of some series."""
    steps = [step for step in found if title(step.series) == head]
    said = [f"{history.date(step.at.run)}, {history.code(step.at.run)}: {step_in_words(step)}." for step in steps]
    last = ", ".join(f"{name(series)} {shown(_ms(series)[-1])} ms" for series in several)
    alt = f"Milliseconds over {len(history.runs)} runs, at last: {last}. {' '.join(said) or 'No step.'}"
    return Panel(f"history-{head}", head, alt, lambda: draw(history, head, several, steps))


def _ms(series: Series) -> list[float]:
    return [1e3 * point.seconds for point in series.points if point.seconds is not None]


def draw(history: History, head: str, several: Sequence[Series], steps: Sequence[Step]) -> style.Drawing:
    """The drawing of a panel."""
    drawing, axes = style.drawing(4.4)
    scale.logarithmic(axes.yaxis)
    looks = [style.look(i) for i in range(len(several))]
    entries = [line(axes, series, look) for series, look in zip(several, looks)]
    axes.margins(y=0.2)
    for step in steps:
        bar(axes, step, looks[several.index(step.series)])
    new_versions(axes, several)
    dates(axes, history, [step.at.run for step in steps])
    axes.set(ylabel="ms, best round", xlim=(-0.7, len(history.runs) - 0.3))
    axes.set_title(style.heading(head), pad=18)
    rows = [point.row for series in several for point in series.points if point.seconds is not None]
    legend.below(drawing, [*entries, *legend.of_rows(rows)])
    return drawing


def line(axes: Axes, series: Series, look: style.Look) -> legend.Entry:
    """A line through the right points of a series, the others beside it; returns its entry of the legend."""
    timed = [point for point in series.points if point.seconds is not None]
    right = [point for point in timed if point.row.right]
    ys = [1e3 * (point.seconds or 0.0) for point in right]
    axes.plot([point.run for point in right], ys, color=look.colour, linestyle=look.dash, linewidth=1.1, zorder=3)
    for point in timed:
        marks.point(axes, point.run, 1e3 * (point.seconds or 0.0), point.row.verdict, look, size=5.5)
        marks.doubt(axes, point.run, 1e3 * (point.seconds or 0.0), point.row, size=5.5)
    return legend.entry(name(series), look)


def bar(axes: Axes, step: Step, look: style.Look) -> None:
    """A bar across a line where it steps, with the ratio."""
    x, ratio = (step.before.run + step.at.run) / 2, step.ratio[0]
    ys = [1e3 * (point.seconds or 0.0) for point in (step.before, step.at)]
    axes.vlines(x, min(ys) / 1.25, max(ys) * 1.25, color=style.INK, linewidth=2.2, zorder=6)
    axes.annotate(
        f"×{ratio:.2f}", (x, max(ys) * 1.25), (0, 2), textcoords="offset points", ha="center", fontsize=9,
        color=style.INK, zorder=7,
    )  # fmt: skip


def new_versions(axes: Axes, several: Sequence[Series]) -> None:
    """A dotted line where a library has another version than in the run before, named above the axes."""
    changes: dict[float, dict[str, None]] = {}
    for series in several:
        for before, now in zip(series.points, series.points[1:]):
            old, new = versions([before.row]), versions([now.row])
            for library in new:
                if library in old and old[library] != new[library]:
                    words = f"{library} {', '.join(new[library])}"
                    changes.setdefault((before.run + now.run) / 2, {})[words] = None
    place = {"transform": axes.get_xaxis_transform(), "va": "bottom", "ha": "center", "fontsize": 9}
    for x, words_at in changes.items():
        axes.axvline(x, color=style.MUTED, linewidth=1.0, linestyle=":", zorder=1)
        axes.text(x, 1.005, style.short(", ".join(words_at), 36), color=style.MUTED, **place)


def dates(axes: Axes, history: History, stepped: Sequence[int]) -> None:
    """Dates and commits below some runs, those of steps among them."""
    count = len(history.runs)
    every = max(1, -(-count // TICKS))
    chosen = {*stepped, *(i for i in range(0, count, every) if all(abs(i - at) >= every for at in stepped))}

    def label(x: float, _: object) -> str:
        run = int(x)
        return f"{history.date(run)[2:10]}\n{(commit(history.runs[run]) or '?')[:7]}"

    axes.xaxis.set_major_locator(FixedLocator(sorted(chosen)))
    axes.xaxis.set_major_formatter(FuncFormatter(label))
    axes.tick_params(axis="x", rotation=90, labelsize=8)
    axes.grid(visible=False, axis="x")
