"""Who is the fastest: one rule for the terminal, the page and the tables, by which what noise may do is a tie."""

from __future__ import annotations

import re

import pytest

from neurochip_bench.compare.away import away
from neurochip_bench.compare.pool import pool
from neurochip_bench.keep import distance
from neurochip_bench.keep.floor import Floor
from neurochip_bench.keep.record import read
from neurochip_bench.keep.saved import load
from neurochip_bench.suite import summary
from neurochip_bench.tools.table import table
from tests.helpers.saved_runs import row, save

SPEEDS = {"jax-cpu-f32": 0.2, "tensorflow-cpu-f32": 0.29, "jax-cpu-f64": 0.31, "numpy-cpu-f64": 9.0}
TIED = ["jax-cpu-f32", "tensorflow-cpu-f32"]


@pytest.fixture
def run(tmp_path):
    """The path of a run in which two rows tie, two are slower, one is faster and wrong, and one is no chip's."""
    rows = [row(backend, rtf=rtf) for backend, rtf in SPEEDS.items()]
    rows += [row("onnxruntime-cpu-f32", rtf=0.1, verdict="unusable")]
    rows += [row("groq-groqchip-f32", rtf=0.01, device="stand-in")]
    return save(tmp_path / "run.json", rows, floor={"io connected": 10.0})


def records(run):
    return [saved.record for saved in load(run).rows]


def named(text):
    """The backends that a text names, in its order, each once."""
    return list(dict.fromkeys(re.findall(r"\w+-cpu-f\d\d", text)))


def test_rows_within_noise_of_the_fastest_tie_with_it():
    assert distance.leaders([0.31, 0.3, 0.2, 0.301], float) == [0.2, 0.3]
    assert distance.leaders([], float) == []


def test_of_a_backend_that_ran_a_network_twice_the_faster_row_leads():
    twice = [read(row(rtf=rtf)["extra_info"])[0] for rtf in (0.25, 0.2)]
    assert [record.rtf for record in distance.leading(twice)] == [0.2]


def test_terminal_crowns_what_ties(run):
    (table,) = (summary.render(summary.fastest([r for r in records(run) if distance.ranked(r)]), 120),)
    assert named(table) == TIED
    assert distance.TIED in summary.lines(records(run), 120)


def test_markdown_crowns_the_same(run):
    assert named("\n".join(table(load(run)))) == TIED


def test_page_crowns_the_same(run):
    pytest.importorskip("matplotlib")
    from neurochip_bench.report.answers import by_size
    from neurochip_bench.report.collected import collect
    from neurochip_bench.report.figures import complexity
    from neurochip_bench.report.tables import fastest

    collected = collect([run])
    assert named(str(by_size(collected).sentences[0])) == TIED
    assert named(str(fastest(collected).rows)) == TIED
    assert named(complexity.figure(collected).panels[0].alt) == TIED


def test_comparison_says_both_distances_of_right_rows(run):
    found = away(pool([run]))
    mine = {key.partition("connected-")[2].partition("-n=")[0]: both for key, both in found.items()}
    assert mine == {
        "jax-cpu-f32": ("1", "7.81"),
        "tensorflow-cpu-f32": ("1.45", "11.3"),
        "jax-cpu-f64": ("1.55", "12.1"),
        "numpy-cpu-f64": ("45", "352"),
    }


def test_distances_of_several_processes_are_of_their_medians(tmp_path):
    files = [
        save(tmp_path / f"{i}.json", [row(rtf=rtf), row("jax-cpu-f32", rtf=1.0)], hour=i)
        for i, rtf in enumerate((2.0, 9.0, 3.0))
    ]
    assert sorted(away(pool(files)).values()) == [("1", ""), ("3", "")]


def test_terminal_says_both_distances_and_what_a_floor_is(run):
    text = summary.lines(records(run), 120, Floor({"io connected": 10.0}))
    line = next(line for line in text if "tensorflow-cpu-f32" in line)
    assert line.split()[-2:] == ["1.45", "11.3"]
    assert summary.FLOOR in text
    assert any(line.split()[-1:] == ["floor"] for line in text)
    assert "floor" not in "\n".join(summary.lines(records(run), 120))
