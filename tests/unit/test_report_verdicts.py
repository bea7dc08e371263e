"""Whatever the figure, a point that is not right never looks like one that is, and no point hides another."""

from __future__ import annotations

import io

import pytest

from tests.helpers.saved_runs import experiment, row, save

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection

from neurochip_bench.accuracy.verdict import usable_limit
from neurochip_bench.keep.words import VERDICTS
from neurochip_bench.report.answers import answers
from neurochip_bench.report.collected import collect
from neurochip_bench.report.figures import errors, figures, marks, style
from neurochip_bench.report.page import page
from neurochip_bench.report.render import render
from neurochip_bench.report.row import NetworkKind
from neurochip_bench.report.tables import tables


def of(tmp_path, *rows):
    return collect([save(tmp_path / "run.json", list(rows))])


def panels(runs, key):
    drawn = next(figure for figure in figures(runs) if figure.key == key)
    return drawn.panels


def drawn(runs, key):
    """The first panel, and what its legend says."""
    with mpl.rc_context(style.RC):
        drawing = panels(runs, key)[0].draw()
    return drawing, [text.get_text() for legend in drawing.legends for text in legend.get_texts()]


def points(drawing):
    """The picture of what is drawn in the axes, without words and numbers round them."""
    for legend in drawing.legends:
        legend.remove()
    for axes in drawing.axes:
        axes.set_axis_off()
    drawing.set_layout_engine("none")
    file = io.BytesIO()
    with mpl.rc_context(style.RC):
        FigureCanvasAgg(drawing).print_png(file)
    return file.getvalue()


def rings(drawing):
    """What is drawn dashed as a ring is, in the axes and in the legend."""
    marks = drawing.findobj(PathCollection)
    return [mark for mark in marks if mark.get_linestyle()[0][1] and mark.get_visible()]


def every(verdict):
    """A row of each experiment with a verdict, and timed right rows to compare with."""
    judged = [experiment(name, cells=729, verdict=verdict) for name in ("setup", "validation", "stress", "energy")]
    timed = row("jax-cpu-f32", rtf=0.2, cells=729, verdict=verdict)
    steady = [row(rtf=0.9, cells=729, verdict="faithful"), row(rtf=0.1, cells=64, verdict="faithful")]
    return [*judged, experiment("delays", verdict=verdict), timed, *steady]


@pytest.mark.parametrize(
    "key", ["times", "cost", "errors", "complexity", "speedup", "setup", "validation", "stress", "energy", "delays"]
)
def test_no_figure_looks_the_same_for_another_verdict(tmp_path, key):
    words = ("faithful", "usable", *(() if key == "complexity" else ("unusable", "undefined", "unjudged")))
    pictures = set()
    for word in words:
        drawing, legend = drawn(of(tmp_path, *every(word)), key)
        assert marks.MEANING[word] in legend
        pictures.add(points(drawing))
    assert len(pictures) == len(words)


def test_every_verdict_has_a_face_a_meaning_and_an_entry_to_read(tmp_path):
    html = page(of(tmp_path, row(rtf=0.5)), [], [], [])
    assert set(marks.MEANING) == set(VERDICTS)
    for word in VERDICTS:
        assert f'<dt><span class="verdict {word}">{word}</span></dt>' in html


def test_undefined_is_a_word_of_its_own(tmp_path):
    runs = of(tmp_path, row(rtf=0.5, verdict="undefined"))
    assert "undefined at 64 cells" in panels(runs, "times")[0].alt
    assert "not judged" not in panels(runs, "times")[0].alt


@pytest.mark.parametrize("verdict", ["faithful", None])
def test_unstable_row_is_not_right_whatever_its_verdict_says(tmp_path, verdict):
    bad = experiment("stress", backend="jax-cpu-f32", stable=False, verdict=verdict)
    runs = of(tmp_path, bad, experiment("stress", verdict="usable", largest_mv=90.0))
    assert [r.right for r in runs.rows] == [False, True]
    panel = panels(runs, "stress")[0]
    assert panel.alt.index("tensorflow-cpu-f32") < panel.alt.index("jax-cpu-f32")
    assert "mV, unstable." in panel.alt
    assert marks.MEANING["unstable"].encode() in render(panel.draw, 30)[0]
    stress = next(table for table in tables(runs) if table.key == "stress")
    assert stress.rows[-1][stress.heads.index("verdict")] == "unstable"
    assert [r.backend for r in runs.not_right()] == ["jax-cpu-f32"]


@pytest.mark.parametrize("ratio", [0.01, 0.9, 0.999, 1.0])
@pytest.mark.parametrize("verdict", ["faithful", "usable"])
def test_point_that_is_right_never_lies_on_the_line_that_means_wrong(tmp_path, ratio, verdict):
    heights = {}
    for word, error in ((verdict, ratio), ("unusable", 2 - ratio)):
        made = row(rtf=0.5, verdict=word, v1_mv=error * usable_limit(1e-5, 1e-3))
        (judged,) = errors.chosen(of(tmp_path, made), NetworkKind("io", "connected"))
        heights[word] = errors.off_line(judged, 1.2)
    assert heights[verdict] <= 1 / 1.2 < 1.2 <= heights["unusable"]


def test_marker_with_its_ring_is_no_larger_than_the_room_beside_the_line(tmp_path):
    row_on_line = row(rtf=0.5, v1_mv=usable_limit(1e-5, 1e-3), timing="noisy")
    drawing = panels(of(tmp_path, row_on_line), "errors")[0].draw()
    drawing.draw_without_rendering()
    (axes,) = drawing.axes
    ring = next(mark for mark in axes.collections if mark.get_offsets().size)
    _, y = axes.transData.transform(ring.get_offsets()[0])
    _, line = axes.transData.transform((0.5, 1.0))
    radius = ring.get_sizes()[0] ** 0.5 / 2 * drawing.dpi / 72
    assert y + radius < line


def test_points_that_would_hide_each_other_are_moved_apart_and_no_other():
    points = [(64, 1.0), (64, 1.1), (64, 9.0), (729, 1.0)]
    first, second, third, fourth = marks.apart(points, near=(1.0, 1.25), by=1.2)
    assert second / first == pytest.approx(1.2)
    assert first * second == pytest.approx(64 * 64)
    assert (third, fourth) == (64, 729)


def test_chains_of_close_points_are_moved_together_in_order():
    points = [(64, 1.0), (64, 1.4), (64, 1.2)]
    assert marks.apart(points, near=(1.0, 1.25), by=2.0) == pytest.approx([32, 128, 64])


@pytest.mark.parametrize("name", ["setup", "validation", "energy"])
def test_rows_that_are_not_right_stand_below_those_that_are(tmp_path, name):
    better = {"energy_j_per_model_s": 1.0, "setup_s": 0.1, "build_s": 0.001, "compile_s": 0.01, "last_p50_mv": 1e-4}
    wrong = experiment(name, backend="jax-cpu-f32", cells=729, verdict="unusable", **better)
    panel = panels(of(tmp_path, wrong, experiment(name, cells=729)), name)[0]
    assert panel.alt.index("tensorflow-cpu-f32") < panel.alt.index("jax-cpu-f32")


@pytest.mark.parametrize("key", ["times", "cost", "errors", "complexity", "speedup", "setup", "energy", "delays"])
@pytest.mark.parametrize("verdict", ["faithful", "unusable"])
def test_time_that_may_be_anothers_doing_has_a_ring_and_its_legend_and_no_other_time_has(tmp_path, key, verdict):
    rows = every(verdict)
    steady, legend = drawn(of(tmp_path, *rows), key)
    assert not rings(steady)
    assert "time noisy or contended" not in legend
    for made in rows:
        made["extra_info"]["timing"] = "contended"
    runs = of(tmp_path, *rows)
    doubted, legend = drawn(runs, key)
    assert "time noisy or contended" in legend
    assert len(rings(doubted)) > 1, "a ring, besides the legend's"
    if verdict == "faithful":
        assert "(contended)" in panels(runs, key)[0].alt


def test_tables_and_answers_say_what_a_time_is_worth(tmp_path):
    runs = of(tmp_path, row("jax-cpu-f32", rtf=0.2, timing="noisy"), row(rtf=0.9, timing="steady"))
    for key in ("times", "fastest", "speedup"):
        found = next(table for table in tables(runs) if table.key == key)
        assert "noisy" in found.rows[0]
        assert found.heads[found.rows[0].index("noisy")] == "timing"
    sentences = next(answer for answer in answers(runs) if answer.key == "fastest").sentences
    assert "jax-cpu-f32, 0.2 s, noisy" in str(sentences[0])
