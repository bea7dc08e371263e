"""Lines over network sizes, with the verdict of each point: what times and costs are drawn with."""

from __future__ import annotations

from neurochip_bench.accuracy import UNJUDGED
from neurochip_bench.report.figures import style
from neurochip_bench.report.published import published
from neurochip_bench.report.values import shown


def points(pool, model, connectivity):
    """{series: (the fastest right rows by size, the fastest of those that are not right)} of a kind of network."""
    best = pool.best(model, connectivity)
    found: dict = {series: (list(by_cells.values()), []) for series, by_cells in best.items()}
    wrong: dict = {}
    for row in pool.timed:
        if not row.right and row.network[:2] == (model, connectivity):
            key = row.series, row.cells, row.verdict
            wrong[key] = min(wrong.get(key, row), row, key=lambda row: row.rtf)
    for (series, _, _), row in wrong.items():
        found.setdefault(series, ([], []))[1].append(row)
    for lists in found.values():
        for rows in lists:
            rows.sort(key=lambda row: row.cells)
    return {series: found[series] for series in sorted(found)}


def draw(axes, found, looks, value):
    """A line through the right points of each series, the others beside it; returns the legend's entries.

    Points of one size that would hide each other are drawn a little beside it.
    """
    rows = [row for lists in found.values() for part in lists for row in part]
    beside = style.apart([(row.cells, value(row)) for row in rows], near=(1.0, 1.25), by=1.28)
    x = dict(zip(rows, beside))
    for series, (right, wrong) in found.items():
        look = looks[series]
        xs, ys = [x[row] for row in right], [value(row) for row in right]
        axes.plot(xs, ys, color=look["color"], linestyle=look["linestyle"], zorder=3)
        for row in (*right, *wrong):
            style.point(axes, x[row], value(row), row.verdict, look)
    verdicts = [row.verdict for lists in found.values() for rows in lists for row in rows]
    return [style.entry(series, looks[series]) for series in found], style.faces(verdicts)


def olives(axes):
    """The inferior olives of mouse and human, marked at their numbers of cells."""
    sizes = published()["olive_cells"]
    (mouse, _), (least, most) = sizes["mouse"], sizes["human"]
    axes.axvline(mouse, color=style.MUTED, linewidth=1.0, linestyle=(0, (2, 2)))
    axes.axvspan(least, most, color=style.GRID, alpha=0.55, linewidth=0)
    place = {"transform": axes.get_xaxis_transform(), "va": "bottom", "fontsize": 9, "color": style.MUTED}
    axes.text(mouse, 1.005, "mouse", ha="center", **place)
    axes.text((least * most) ** 0.5, 1.005, "human", ha="center", **place)


def in_words(found, value, unit):
    """The data of a panel in words, one sentence a series."""
    parts = []
    for series, (right, wrong) in found.items():
        said = [f"{shown(value(row))} {unit} at {row.cells:,} cells" for row in right]
        said += [f"{word(row)} at {row.cells:,} cells" for row in wrong]
        parts.append(f"{series}: {', '.join(said)}.")
    return " ".join(parts)


def word(row):
    """What a point that is not right is called."""
    return "not judged" if row.verdict == UNJUDGED else row.verdict
