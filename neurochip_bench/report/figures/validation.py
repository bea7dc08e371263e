"""Fig. 8: deviation from the truth over the first and the last second of a run."""

from __future__ import annotations

from matplotlib.patches import Patch

from neurochip_bench.report.figures import style
from neurochip_bench.report.figures.figure import Figure, Panel, not_measured
from neurochip_bench.report.figures.lines import word
from neurochip_bench.report.values import shown

QUANTILES = ("min", "p25", "p50", "p75", "p95", "max")
SPANS = (("first", "first second", "#56b4e9"), ("last", "last second", "#e69f00"))
PUBLISHED = "10 s"
LEAST = 1e-9  # mV: smaller deviations are drawn here
CAPTION = (
    "Absolute deviation of the potential from the float64 truth over the first and the last second of a run of the "
    "inferior olive; the paper's runs are of ten seconds (its Fig. 8, whose numbers are not published). Box: quartiles "
    "and median; whiskers: least and 95th percentile; dot: largest."
)


def figure(pool):
    """The `Figure`: a panel for each size of network."""
    rows = [row for row in pool.judged("validation") if row.cells]
    groups: dict = {}
    for row in rows:
        if any(quantiles(row, span) for span, *_ in SPANS):
            groups.setdefault((row.word("model"), row.word("connectivity"), row.cells, seconds(row)), []).append(row)
    panels = [panel(pool, key, sorted(groups[key], key=order)) for key in sorted(groups, key=str)]
    gone = sorted({row.series for row in rows if not quantiles(row, "last")})
    notes = [f"No finite deviation over the last second: {', '.join(gone)}."] if gone else []
    missing = None if panels else not_measured("validation")
    return Figure("validation", "Deviation over a long run (Fig. 8)", CAPTION, panels, notes, missing)


def order(row):
    """Rows by their median over the last second; those that are not right, then emulated ones at the end."""
    last = quantiles(row, "last")
    return row.kind == "emulated", not row.right, last["p50"] if last else float("inf")


def quantiles(row, span):
    """{quantile: mV} of a span, None where one is missing or they do not ascend."""
    found = {name: row.number(f"{span}_{name}_mv") for name in QUANTILES}
    values = list(found.values())
    return None if None in values or values != sorted(values) or values[0] < 0 else found


def seconds(row):
    """How long the run was, in words."""
    return f"{shown((row.number('model_ms') or 0) / 1e3)} s"


def panel(pool, key, rows):
    """The `Panel` of a size."""
    said = []
    for row in rows:
        for span, name, _ in SPANS:
            q = quantiles(row, span)
            what = f"median {shown(q['p50'])} mV, largest {shown(q['max'])} mV" if q else "not finite"
            said.append(f"{row.series} ({word(row)}), {name}: {what}.")
    model, connectivity, cells, length = key
    title = f"{model}, {connectivity}, {cells:,} cells, {length}"
    short = "" if length == PUBLISHED else f"-{length.replace(' ', '-')}"
    alt = f"Deviation from the float64 truth. {' '.join(said)}"
    return Panel(f"validation-{model}-{connectivity}-{cells}{short}", title, alt, lambda: draw(rows, title))


def draw(rows, title):
    """The drawing of a panel: two boxes a series."""
    drawing, axes = style.drawing(1.6 + 0.55 * len(rows))
    for y, row in enumerate(rows):
        for shift, (span, _, colour) in zip((-0.19, 0.19), SPANS):
            if quantiles(row, span):
                box(axes, y + shift, quantiles(row, span), colour)
        style.beside(axes, y, row.verdict)
    style.logarithmic(axes.xaxis)
    axes.set_yticks(range(len(rows)), [label(row) for row in rows])
    axes.set(xlabel="absolute deviation, mV", title=style.short(title, 60), ylim=(len(rows) - 0.5, -0.5))
    axes.grid(visible=False, axis="y")
    spans = [Patch(facecolor=c, edgecolor=style.INK, label=name) for _, name, c in SPANS]
    style.legend(drawing, [*spans, *style.faces([row.verdict for row in rows])])
    return drawing


def label(row):
    """A row's name, and its verdict where it is not right."""
    name = style.short(row.series)
    return name if row.right else f"{name}\n✗ {word(row)}"


def box(axes, y, q, colour):
    """A box from quantiles."""
    q = {name: max(value, LEAST) for name, value in q.items()}
    ends = {
        "med": q["p50"],
        "q1": q["p25"],
        "q3": q["p75"],
        "whislo": q["min"],
        "whishi": q["p95"],
        "fliers": [q["max"]],
    }
    ink = {"color": style.INK, "linewidth": 1.0}
    axes.bxp(
        [ends],
        positions=[y],
        widths=0.3,
        orientation="horizontal",
        manage_ticks=False,
        patch_artist=True,
        boxprops={"facecolor": colour, "edgecolor": style.INK, "linewidth": 0.8},
        medianprops={"color": style.INK, "linewidth": 2.0},
        whiskerprops=ink,
        capprops=ink,
        flierprops={"marker": ".", "markerfacecolor": style.INK, "markeredgecolor": style.INK, "markersize": 5},
    )
