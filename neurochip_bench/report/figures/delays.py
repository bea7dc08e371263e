"""Chemical synapses with a delay per connection: what longer delays cost."""

from __future__ import annotations

from neurochip_bench.report.figures import lines, style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.values import positive, shown

CAPTION = (
    "Wall seconds per second of model time over the longest delay: a ring buffer of future input, and beside it "
    "the paper's TensorArray (its Listing 3, which it shows and does not measure)."
)


def figure(pool):
    """The `Figure`: a panel for each model and size that ran with delays."""
    groups: dict = {}
    for row in pool.of("delays"):
        if row.rtf is not None and longest(row):
            groups.setdefault((row.word("model"), row.cells), []).append(row)
    panels = [panel(pool, key, groups[key]) for key in sorted(groups)]
    missing = None if panels else not_measured("delays")
    return Figure("delays", "Delays on connections (Listing 3)", CAPTION, panels, missing=missing)


def longest(row):
    """The longest delay in ms, or None."""
    return positive(row.number("delay_max_ms"))


def panel(pool, key, rows):
    """The `Panel` of a model and size."""
    found: dict = {}
    for row in sorted(rows, key=longest):
        found.setdefault((row.series, row.word("delay_form") or "form unknown"), []).append(row)
    said = []
    for (series, form), those in found.items():
        times = [f"{shown(r.rtf)} s at {shown(longest(r))} ms{'' if r.right else ' ' + lines.word(r)}" for r in those]
        said.append(f"{series}, {form}: {', '.join(times)}.")
    title = f"{key[0]}, {key[1]:,} cells"
    alt = f"Wall seconds per model second. {' '.join(said)}"
    return Panel(f"delays-{key[0]}-{key[1]}", title, alt, lambda: draw(found, title))


def draw(found, title):
    """The drawing of a panel."""
    drawing, axes = style.drawing()
    style.logarithmic(axes.yaxis)
    entries = []
    for i, ((series, form), rows) in enumerate(sorted(found.items())):
        look = style.style(i)
        right = [row for row in rows if row.right]
        axes.plot([longest(r) for r in right], [r.rtf for r in right], color=look["color"], linestyle=look["linestyle"])
        for row in rows:
            style.point(axes, longest(row), row.rtf, row.verdict, look)
        entries.append(style.entry(f"{series}, {form}", look))
    axes.axhline(1.0, color=style.INK, linewidth=1.1)
    axes.annotate(
        "real time",
        (1.0, 1.0),
        (0, 3),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        ha="right",
        fontsize=9,
    )
    axes.set(xlabel="longest delay, ms", ylabel="wall s per model s", title=style.short(title, 60))
    axes.set_xlim(left=0)
    style.legend(drawing, [*entries, *style.faces([row.verdict for rows in found.values() for row in rows])], 1)
    return drawing
