"""The report of made-up runs: what is drawn and said, and what never is."""

from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from tests.helpers import saved_runs
from tests.helpers.saved_runs import experiment, failure, row, save

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")

from neurochip_bench.report.answers import answers
from neurochip_bench.report.collected import collect
from neurochip_bench.report.figures import figures
from neurochip_bench.report.figures.setup import parts
from neurochip_bench.report.page import page
from neurochip_bench.report.page.words import code
from neurochip_bench.report.published import Claim, Point, claims, fastest, published
from neurochip_bench.report.render import render
from neurochip_bench.report.row import NetworkKind
from neurochip_bench.report.tables import tables

IO = NetworkKind("io", "connected")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return saved_runs.report(tmp_path_factory)


@pytest.fixture(scope="module")
def html(folder):
    return (folder / "index.html").read_text()


def of(tmp_path, *rows, failures=(), **machine):
    return collect([save(tmp_path / "run.json", list(rows), failures, **machine)])


def figure(runs, key):
    return next(figure for figure in figures(runs) if figure.key == key)


def said(runs, key):
    sentences = next(answer for answer in answers(runs) if answer.key == key).sentences
    return " ".join(s if isinstance(s, str) else " ".join([s.head, *s.lines]) for s in sentences)


def table(runs, key):
    return next(table for table in tables(runs) if table.key == key)


def test_every_figure_of_the_paper_is_on_the_page(html):
    for key in (
        "times",
        "setup",
        "speedup",
        "validation",
        "complexity",
        "energy",
        "stress",
        "errors",
        "cost",
        "delays",
    ):
        assert re.search(rf'<section class="figure" id="{key}">', html), key


def test_every_panel_is_an_svg_and_a_png_that_the_page_links(folder, html):
    links = set(re.findall(r'href="(figures/[^"]+)"', html))
    assert len(links) == 2 * html.count("<figure>") > 30
    for link in links:
        content = (folder / link).read_bytes()
        assert content.startswith(b"\x89PNG") if link.endswith(".png") else ElementTree.fromstring(content) is not None


def test_every_svg_is_named_and_says_what_its_data_show(html):
    for svg in re.findall(r"<svg .*?</svg>", html, re.DOTALL):
        assert 'role="img"' in svg
        described = re.search(r"<desc[^>]*>(.*?)</desc>", svg, re.DOTALL)
        assert described is not None
        assert re.search(r"\d", described[1])


def test_a_legend_lies_below_the_axes_and_not_on_them(tmp_path):
    drawing = figure(of(tmp_path, row(rtf=0.5)), "times").panels[0].draw()
    render(lambda: drawing, 30)
    (axes,), (legend,) = drawing.axes, drawing.legends
    assert legend.get_window_extent().y1 < axes.get_tightbbox().y0


def test_ids_of_the_page_are_its_own(html):
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', html)) <= set(ids)


def test_page_loads_nothing(html):
    assert not re.findall(r'(?:src|data|poster|action)="[^"]', html)
    assert not re.findall(r"@import|url\((?!#)", html)
    assert re.findall(r'<link [^>]*href="([^"]*)"', html) == ["data:,"]
    assert "default-src 'none'" in html


def test_colours_of_the_figures_follow_the_theme(html):
    svgs = "".join(re.findall(r"<svg .*?</svg>", html, re.DOTALL))
    for name in ("ink", "paper", "grid", "c0"):
        assert f"var(--{name})" in svgs
    assert "#1b1f24" not in svgs


def test_page_says_which_runs_when_and_in_which_versions(html):
    for words in ("here.json", "there.json", "2026-01-02T03:04:05+00:00", "0123456789", "3.13.0", "tensorflow 1.0"):
        assert words in html


def test_page_and_answers_say_what_the_models_and_the_unit_are_before_they_use_them(html, folder):
    answers = (folder / "which-hardware.md").read_text()
    for words in ("cells of the inferior olive", "leaky integrate-and-fire", "that one second of the simulated time"):
        assert -1 < html.index(words) < html.index("Which hardware?</h2>")
        assert answers.index(words) < answers.index("## ")
    assert "Hodgkin-Huxley" not in html[: html.index("Which hardware?</h2>")]  # of which there is no row


def test_page_names_machine_memory_and_system(tmp_path):
    runs = of(tmp_path, row(rtf=0.5), memory_gib=15.6, os="Linux-6.1-x86_64")
    html = page(runs, [], [], [])
    assert "<span class=id>Made-up</span> CPU, 2 cores, 15.6 GiB, <span class=id>Linux-6.1-x86_64</span></p>" in html


def test_ids_and_words_of_commands_stay_whole_on_the_page():
    said = code("run `pytest -m io --benchmark-save=io` of jax-cpu-f32, and a `b")
    assert said == (
        "run <code><span class=id>pytest</span> <span class=id>-m</span> <span class=id>io</span> "
        "<span class=id>--benchmark-save=io</span></code> of <span class=id>jax-cpu-f32,</span> and a `b"
    )


def test_rows_of_several_machines_are_labelled(folder):
    rows = list(csv.DictReader((folder / "tables" / "times.csv").read_text().splitlines()))
    assert {row["machine"] for row in rows} == {"Made-up CPU, 2 cores", "Made-up CPU, 2 cores, Made-up GPU"}
    assert "jax-gpu-f32 · B" in (folder / "which-hardware.md").read_text()


def test_same_runs_make_the_same_bytes(tmp_path):
    runs = of(tmp_path, row(rtf=0.5))
    panel = figure(runs, "times").panels[0]
    assert render(panel.draw, 30) == render(panel.draw, 30)


def test_figure_without_rows_says_what_to_run(tmp_path):
    empty = figure(of(tmp_path, row(rtf=0.5)), "validation")
    assert empty.panels == []
    assert empty.missing == (
        "The saved runs have no rows of this experiment: run `pytest -m validation --benchmark-save=validation`."
    )


def test_figures_for_which_a_run_has_nothing_are_left_out(tmp_path):
    """What the paper alone has is no figure of the run: not its models, not its sizes, not its devices."""
    nothing = figures(of(tmp_path, row(test="prepare")))
    assert [drawn.key for drawn in nothing if drawn.panels] == []
    assert all(drawn.missing for drawn in nothing)
    two = of(tmp_path, row(rtf=0.5, model="hh"), row("jax-cpu-f32", "hh", rtf=0.4))
    drawn = {drawn.key: [panel.key for panel in drawn.panels] for drawn in figures(two) if drawn.panels}
    assert drawn == {
        "times": ["times-hh-connected"],
        "complexity": ["complexity-hh"],
        "errors": ["errors-hh-connected"],
        "setup": ["setup-hh-connected"],
    }
    assert "729" not in figure(two, "complexity").panels[0].alt


def test_speedup_at_other_sizes_names_the_published_range(tmp_path):
    panel = figure(of(tmp_path, row(rtf=0.5), row("jax-cpu-f32", rtf=0.1)), "speedup").panels[0]
    assert "published: 29 to 1,208 times at 125,000 cells" in panel.alt
    assert b"published: 29 to 1,208 times" in render(panel.draw, 30)[0]


def test_unusable_row_is_drawn_crossed_and_never_ranked(tmp_path):
    runs = of(tmp_path, row(rtf=0.5), row("jax-cpu-f32", rtf=0.01, verdict="unusable"))
    assert [timed.row.backend for timed in runs.fastest(IO)[64]] == ["tensorflow-cpu-f32"]
    panel = figure(runs, "times").panels[0]
    assert "jax-cpu-f32: unusable at 64 cells" in panel.alt
    assert b"unusable: wrong, never ranked" in render(panel.draw, 30)[0]
    assert "jax" not in said(runs, "real-time") + said(runs, "fastest")


@pytest.mark.parametrize("verdict", ["unusable", "unjudged", "undefined", None, "good", 1, ["faithful"]])
def test_only_a_verdict_that_says_right_is_ranked(tmp_path, verdict):
    runs = of(tmp_path, row(rtf=0.5, verdict=verdict))
    assert runs.fastest(IO) == {}
    assert "nothing that ran is right" in said(runs, "real-time")
    assert "nothing right" in figure(runs, "complexity").panels[0].alt


def test_emulated_and_stand_in_rows_are_no_times(tmp_path):
    runs = of(tmp_path, row("emulated-bf16", rtf=0.1), row("groq-groqchip-f32", rtf=0.1, device="stand-in"))
    assert runs.timed == []
    assert figure(runs, "times").panels == []
    assert "2 rows are emulated" in said(runs, "missing")


def test_emulated_chips_show_their_errors_and_stand_ins_nothing(tmp_path):
    chip = {"backend": "groq-groqchip-f32", "device": "stand-in"}
    runs = of(
        tmp_path, experiment("stress", backend="emulated-bf16"), experiment("stress", **chip), experiment("stress")
    )
    assert [r.backend for r in runs.judged("stress")] == ["emulated-bf16", "tensorflow-cpu-f32"]
    panel = figure(runs, "stress").panels[0]
    assert panel.alt.index("tensorflow") < panel.alt.index("emulated-bf16")
    assert render(panel.draw, 30)


def test_failed_rows_are_listed_with_their_reason(tmp_path, html):
    runs = of(tmp_path, row(rtf=0.5), failures=[failure("ran out of memory", rtf=0.001, backend="jax-cpu-f32")])
    assert table(runs, "failed").rows[0][-1] == "ran out of memory"
    assert "jax" not in said(runs, "fastest")
    assert "hung for 600 s" in html


def test_rows_of_older_runs_are_told_by_the_name_of_their_test(tmp_path):
    older, newer = row(rtf=0.5), row("jax-cpu-f32", rtf=0.4, test="scaling", experiment="scaling")
    older["extra_info"].pop("experiment", None)
    runs = of(tmp_path, older, newer, row(test="prepare"), row(test="unrolled", rtf=0.1))
    assert [r.experiment for r in runs.rows] == ["run", "scaling", "prepare", "unrolled"]
    assert [r.rtf for r in runs.timed] == [0.5, 0.4]


def test_speedup_is_over_tensorflow_on_the_same_machine(tmp_path):
    here = save(tmp_path / "a.json", [row(rtf=1.0), row("jax-cpu-f32", rtf=0.25)])
    there = save(tmp_path / "b.json", [row("jax-gpu-f32", rtf=0.01, device="GPU")], node="another")
    drawn = figure(collect([here, there]), "speedup")
    assert drawn.panels[0].alt.startswith("Speedup over tensorflow-cpu-f32. jax-cpu-f32 · A 4 times. published")
    assert [panel.key for panel in drawn.panels] == ["speedup-64"]
    assert "No right row of tensorflow-cpu-f32 on B" in drawn.notes[0]


def test_wrong_baseline_is_none(tmp_path):
    runs = of(tmp_path, row(rtf=1.0, verdict="unusable"), row("jax-cpu-f32", rtf=0.25))
    assert figure(runs, "speedup").panels == []


def test_one_host_with_and_without_its_chip_is_one_machine_two_chips_are_two(tmp_path):
    cpu = save(tmp_path / "cpu.json", [row(rtf=1.0)])
    chips = [save(tmp_path / f"{c}.json", [row("jax-gpu-f32", rtf=0.1, device=c)]) for c in ("one", "two")]
    assert len(collect([cpu, chips[0]]).machines) == 1
    assert len(collect(chips).machines) == 2


def test_setup_counts_exporting_once_and_the_first_run_beyond_a_later_one(tmp_path):
    timed, steady, measured = row(rtf=1.0), row(rtf=1.0, cells=729), experiment("setup")
    timed["extra_info"].update(build_s=0.1, compile_s=2.0, export_s=0.5, first_run_s=0.61)
    steady["extra_info"].update(first_run_s=0.1)
    rows = of(tmp_path, timed, steady, measured).rows
    exported, repeated, measured_apart = map(parts, rows)
    assert exported == pytest.approx((0.1, 0.5, 1.5, 0.5))
    assert repeated is not None
    assert repeated.first_run == 0.0
    assert measured_apart is not None
    assert measured_apart.first_run == 0.2


def test_crossing_is_found_between_the_sizes_and_small_leads_are_none(tmp_path):
    def two(late):
        slow = [row(cells=64, rtf=0.2), row(cells=6400, rtf=1.0)]
        return of(tmp_path, *slow, row("jax-cpu-f32", cells=64, rtf=0.1), row("jax-cpu-f32", cells=6400, rtf=late))

    sentence = "io connected: between 64 and 6,400 cells, at about 600, tensorflow-cpu-f32 overtakes jax-cpu-f32."
    assert said(two(2.0), "crossover") == sentence
    assert "Nowhere" in said(two(1.1), "crossover")
    assert "(or jax-cpu-f32)" in said(two(1.1), "fastest")


def test_largest_network_in_real_time_is_said_with_the_next(tmp_path):
    runs = of(tmp_path, *(row(cells=n, rtf=r) for n, r in ((64, 0.1), (729, 0.9), (8000, 12.0))))
    assert said(runs, "real-time").startswith(
        "io connected: 729 cells, tensorflow-cpu-f32 takes 0.9 s. The next size, 8,000, takes 12 s."
    )


def test_what_was_not_measured_is_said(tmp_path):
    words = said(of(tmp_path, row(rtf=0.5)), "missing")
    assert "Devices without a row: gpu, tpu, ipu, groq." in words
    absent = "setup, validation, stress, energy, delays, strong, weak"
    assert f"Experiments without a row: {absent}; run `pytest -m setup" in words
    assert "Not run beyond 64 cells: io connected." in words
    assert "Not run at all: io unconnected, hh unconnected" in words
    assert "Run and not right" not in words
    assert "mouse (10,000) or human (1,000,000)" in words


def test_run_and_not_right_is_told_from_not_run(tmp_path):
    rows = [row(rtf=0.5), row(rtf=0.9, cells=729, verdict="unusable"), row("jax-cpu-f32", rtf=0.9, cells=8000)]
    rows[2]["extra_info"]["verdict"] = "undefined"
    words = said(of(tmp_path, *rows, failures=[failure(cells=8000)]), "missing")
    assert "Run and not right: io connected at 729 cells (unusable), 8,000 cells (undefined, did not finish)." in words
    assert "Not run beyond 8,000 cells: io connected." in words


def test_measured_floor_is_a_line_that_rises_where_memory_takes_more(tmp_path):
    floor = {"io connected": 8.0, "hh connected": "no", "lif connected": -1, "memory": {"io connected": {"500": 9.5}}}
    panel = figure(of(tmp_path, row(rtf=0.5), row(rtf=5, cells=729), floor=floor), "cost").panels[0]
    assert "Floor of Made-up CPU, 2 cores: 8 ns from 64 cells on, 9.5 ns from 729 cells on." in panel.alt
    assert b"floor of this machine" in render(panel.draw, 30)[0]
    older = figure(of(tmp_path, row(rtf=0.5), row(rtf=5, cells=729), floor={"io connected": 8.0}), "cost").panels[0]
    assert "Floor of Made-up CPU, 2 cores: 8 ns." in older.alt


def test_every_right_row_says_both_distances_and_no_wrong_one_does(tmp_path):
    rows = [row(rtf=0.5), row("jax-cpu-f32", rtf=0.25), row("jax-cpu-f64", rtf=0.1, verdict="unusable")]
    runs = of(tmp_path, *rows, floor={"io connected": 10.0})
    times = table(runs, "times")
    assert times.heads[times.heads.index("ns/cell/step") :][1:3] == ["× fastest", "× floor"]
    found = {r[times.heads.index("backend")]: r[times.heads.index("× fastest") :][:2] for r in times.rows}
    assert found["tensorflow-cpu-f32"] == pytest.approx([2.0, 0.5e9 / (40_000 * 64) / 10])
    assert found["jax-cpu-f32"] == pytest.approx([1.0, 0.25e9 / (40_000 * 64) / 10])
    assert found["jax-cpu-f64"] == [None, None]
    assert "jax-cpu-f32, 0.25 s, 9.77 times its floor" in said(runs, "fastest")
    assert "a bound that no program need reach" in said(runs, "fastest")


def test_distance_is_from_the_fastest_of_the_same_machine_and_chips_have_no_floor(tmp_path):
    here = save(tmp_path / "a.json", [row(rtf=1.0)], floor={"io connected": 10.0})
    there = save(
        tmp_path / "b.json", [row("jax-gpu-f32", rtf=0.01, device="GPU")], node="another", floor={"io connected": 1.0}
    )
    times = table(collect([here, there]), "times")
    assert [r[times.heads.index("× fastest")] for r in times.rows] == [1.0, 1.0]
    assert [r[times.heads.index("× floor")] is None for r in times.rows] == [True, False]


def test_joules_are_said_of_right_rows_with_their_scope(tmp_path):
    runs = of(tmp_path, experiment("energy"), experiment("energy", backend="jax-cpu-f32", verdict="unusable"))
    words = said(runs, "energy")
    assert "tensorflow-cpu-f32 takes 44 J a second of model time (package, 27 J beyond idle)" in words
    assert "jax" not in words


def test_published_numbers_are_those_of_the_paper():
    assert dict(fastest(IO))[729] == 0.9
    assert 1_000_000 not in dict(fastest(IO))  # cannot be read: 18 or 1.8
    assert Claim("A100, Table 3", Point(729, 0.70)) in claims(IO)
    assert "598 (2024) 127953" in published()["citation"]
    assert fastest(NetworkKind("another", "connected")) == claims(NetworkKind("io", "unconnected")) == []


def test_contradictions_of_the_paper_are_noted(html):
    assert "The paper contradicts itself twice" in html


def test_tables_are_written_as_csv_and_markdown_in_full_and_rounded(folder):
    rows = list(csv.DictReader((folder / "tables" / "fastest.csv").read_text().splitlines()))
    assert float(rows[0]["wall s / model s"]) == json.loads(rows[0]["wall s / model s"])
    assert (folder / "tables" / "fastest.md").read_text().splitlines()[2].startswith("| model | connectivity | cells |")
