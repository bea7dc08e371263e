"""Runs of several days in one report: the newest run of a row counts, and the page says what was pooled."""

from __future__ import annotations

import json
import re

import pytest

from tests.helpers.saved_runs import experiment, failure, row, save

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")

from neurochip_bench.report.collected import collect
from neurochip_bench.report.figures.setup import chosen
from neurochip_bench.report.origin import origins, warnings
from neurochip_bench.report.row import NetworkKind
from neurochip_bench.report.write import write

IO = NetworkKind("io", "connected")


def two(tmp_path, old, new, failures=(), **changes):
    """What is collected of a run and of a newer one, the newer one named first."""
    older = save(tmp_path / "old.json", old, day=2)
    return collect([save(tmp_path / "new.json", new, failures, day=3, **changes), older])


def ranked(runs, cells=64):
    return [(timed.row.backend, timed.rtf) for timed in runs.fastest(IO).get(cells, [])]


def test_slower_row_of_the_newest_run_counts(tmp_path):
    assert ranked(two(tmp_path, [row(rtf=0.1)], [row(rtf=0.5)])) == [("tensorflow-cpu-f32", 0.5)]


def test_wrong_row_of_the_newest_run_hides_the_right_one_before(tmp_path):
    assert ranked(two(tmp_path, [row(rtf=0.1)], [row(rtf=0.1, verdict="unusable")])) == []


def test_row_that_now_fails_hides_the_one_before(tmp_path):
    runs = two(tmp_path, [row(rtf=0.1)], [], [failure()])
    assert ranked(runs) == []
    assert len(runs.failed()) == len(runs.rows) == 1


def test_newest_run_counts_also_where_another_experiment_timed_the_same(tmp_path):
    runs = two(tmp_path, [row(rtf=0.1, test="scaling", experiment="scaling")], [row(rtf=0.5)])
    assert ranked(runs) == [("tensorflow-cpu-f32", 0.5)]


def test_rows_that_the_newest_run_lacks_stay(tmp_path):
    runs = two(tmp_path, [row(rtf=0.1), row("jax-cpu-f32", rtf=0.2)], [row(rtf=0.5)])
    assert ranked(runs) == [("jax-cpu-f32", 0.2), ("tensorflow-cpu-f32", 0.5)]


def test_another_machine_replaces_nothing(tmp_path):
    runs = two(tmp_path, [row(rtf=0.1)], [row(rtf=0.5)], node="elsewhere")
    assert [rtf for _, rtf in ranked(runs)] == [0.1, 0.5]


def test_quick_run_does_not_replace_the_ten_seconds(tmp_path):
    runs = two(tmp_path, [experiment("validation")], [experiment("validation", model_ms=3000)])
    assert len(runs.judged("validation")) == 2


def test_setup_time_is_of_the_newest_run_even_where_an_older_one_measured_more(tmp_path):
    runs = two(tmp_path, [experiment("setup", cells=729)], [row(rtf=1.0, cells=729, compile_s=9.0)])
    assert [setup.row.record.compile_s for setup in chosen(runs, IO)] == [9.0]


@pytest.mark.parametrize("date", [None, "yesterday", 7])
def test_run_without_a_date_is_the_oldest(tmp_path, date):
    path = save(tmp_path / "new.json", [row(rtf=0.5)])
    other = tmp_path / "undated.json"
    text = path.read_text()
    other.write_text(text.replace('"2026-01-02T03:04:05+00:00"', json.dumps(date)).replace("0.5", "0.1"))
    runs = collect([path, other])
    assert ranked(runs) == [("tensorflow-cpu-f32", 0.5)]
    assert "date unknown" in origins(runs)[0]


def test_differences_between_pooled_runs_are_warned_of(tmp_path):
    new = [row("jax-cpu-f32", rtf=0.5, library_version="2.0")]
    runs = two(tmp_path, [row("jax-cpu-f64", rtf=0.1)], new, commit="fedcba9876543210", dirty=True)
    dirty, commits, library = warnings(runs)
    assert dirty.startswith("new.json ran with uncommitted changes")
    assert "different commits (0123456789, fedcba9876)" in commits
    assert "different versions of jax (1.0, 2.0)" in library


def test_run_that_was_replaced_whole_and_runs_alike_are_not_warned_of(tmp_path):
    assert warnings(two(tmp_path, [row(rtf=0.1)], [row(rtf=0.5)], commit="fedcba9876543210")) == []
    assert warnings(two(tmp_path, [row(rtf=0.1)], [row("jax-cpu-f32", rtf=0.5)])) == []


@pytest.mark.usefixtures("undrawn")
def test_page_and_answers_say_at_the_top_what_was_pooled(tmp_path):
    older = save(tmp_path / "old.json", [row(rtf=0.1), row("jax-cpu-f32", rtf=0.2)])
    newer = save(tmp_path / "new.json", [row(rtf=0.5)], day=3, commit="fedcba9876543210", dirty=True)
    write(collect([older, newer]), tmp_path / "out", dpi=30)
    html, words = ((tmp_path / "out" / name).read_text() for name in ("index.html", "which-hardware.md"))
    html = re.sub("</?span[^>]*>", "", html)
    for top in (html[: html.index("<nav")], words[: words.index("## ")].replace("\\", "")):
        assert "old.json: 2026-01-02 03:04 UTC, commit 0123456789, jax 1.0; 1 row, 1 replaced by a newer run." in top
        assert "new.json: 2026-01-03 03:04 UTC, commit fedcba9876 + changes, tensorflow 1.0; 1 row." in top
        assert "different commits (0123456789, fedcba9876)" in top
