"""Fig. 7B: how much faster than the CPU."""

from __future__ import annotations

from neurochip_bench.report.figures import style
from neurochip_bench.report.figures.figure import PUBLISHED_ONLY, Figure, Panel, unmeasured
from neurochip_bench.report.figures.lines import points, word
from neurochip_bench.report.published import published
from neurochip_bench.report.values import shown

BASELINE = "tensorflow-cpu-f32"  # the paper's CPU: TensorFlow's XLA
PUBLISHED_CELLS = 125_000
PAPER_SIZES = (64, 729, PUBLISHED_CELLS)
CAPTION = (
    f"How many times faster than `{BASELINE}` of the same machine, connected networks of inferior-olive cells: the"
    " paper's CPU reference is TensorFlow's XLA as well. Above 1 is faster."
)


def figure(pool):
    """The `Figure`: a panel for each of the paper's sizes that was run, the largest, and the published one."""
    found = points(pool, "io", "connected")
    bases, rows = baselines(found), [row for lists in found.values() for part in lists for row in part]
    compared = [row for row in rows if row.backend != BASELINE and (row.machine, row.cells) in bases]
    sizes = sorted({row.cells for row in compared})
    sizes = [n for n in sizes if n in PAPER_SIZES or n == sizes[-1]]
    shown_sizes = sorted({*sizes, PUBLISHED_CELLS})
    panels = [panel(pool, [row for row in compared if row.cells == n], bases, n) for n in shown_sizes]
    without = sorted({row.machine.title for row in rows} - {machine.title for machine, _ in bases})
    notes = [f"No right row of {BASELINE} on {title}: nothing of it is compared." for title in without]
    others = sorted({row.cells for row in compared} - set(sizes))
    notes += [f"Other sizes are in the tables: {', '.join(f'{n:,}' for n in others)} cells."] if others else []
    needed = f"right rows of {BASELINE} beside another backend (io, connected)"
    missing = unmeasured(panels, "speedup", needed)
    return Figure("speedup", "Speedup over the CPU (Fig. 7B)", CAPTION, panels, notes, missing)


def baselines(found):
    """{(machine, cells): wall seconds per model second of the baseline}, of right rows."""
    right = (row for rows, _ in found.values() for row in rows if row.backend == BASELINE)
    return {(row.machine, row.cells): row.rtf for row in right}


def range_published():
    """What the paper says, and of which size."""
    numbers = published()["speedup_connected_125000"].values()
    return f"published: {min(numbers):,} to {max(numbers):,} times at {PUBLISHED_CELLS:,} cells"


def panel(pool, rows, bases, cells):
    """The `Panel` of a size."""
    times = [(bases[row.machine, cells] / row.rtf, row) for row in rows]
    times.sort(key=lambda item: (not item[1].right, -item[0]))
    said = [f"{row.series} {shown(times)} times{'' if row.right else f', {word(row)}'}." for times, row in times]
    title = f"io, connected, {cells:,} cells" + ("" if rows else f" ({PUBLISHED_ONLY})")
    said.append(f"{range_published()}.")
    alt = f"Speedup over {BASELINE}. {' '.join(said)}"
    return Panel(f"speedup-{cells}", title, alt, lambda: draw(pool, times, cells, title))


def draw(pool, times, cells, title):
    """The drawing of a panel: a stem a series, from 1."""
    paper = published()["speedup_connected_125000"] if cells == PUBLISHED_CELLS else {}
    drawing, axes = style.drawing(1.5 + 0.36 * (len(times) + len(paper)))
    looks = style.styles(pool)
    style.logarithmic(axes.xaxis)
    for y, (ratio, row) in enumerate(times):
        dash = "-" if row.right else ":"
        axes.plot([1.0, ratio], [y, y], color=looks[row.series]["color"], linestyle=dash, linewidth=3, zorder=2)
        style.point(axes, ratio, y, row.verdict, looks[row.series], size=9)
        axes.annotate(f"{shown(ratio)}×", (ratio, y), (0, 8), textcoords="offset points", ha="center", fontsize=9)
    for y, ratio in enumerate(paper.values(), len(times)):
        axes.plot([ratio], [y], marker="1", color=style.INK, markersize=11, markeredgewidth=1.6, linestyle="none")
        axes.annotate(f"{ratio:,}×", (ratio, y), (0, 8), textcoords="offset points", ha="center", fontsize=9)
    names = [
        *(row.series for _, row in times),
        *(f"paper: {name} chip" if name == "lowest" else f"paper: {name}" for name in paper),
    ]
    axes.set_yticks(range(len(names)), [style.short(name) for name in names])
    values = [1.0, *(ratio for ratio, _ in times), *paper.values()]
    axes.set(xlim=(min(values) / 2, max(values) * 2), ylim=(len(names) - 0.5, -0.8))
    axes.axvline(1.0, color=style.INK, linewidth=1.1)
    note = "" if paper else "\n" + range_published().replace(" at ", "\nat ")
    base = BASELINE if times else "the paper's CPU"
    axes.set(xlabel=f"times faster than {base}{note}", title=style.heading(title))
    axes.grid(visible=False, axis="y")
    style.legend(drawing, style.faces([row.verdict for _, row in times]))
    return drawing
