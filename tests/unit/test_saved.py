"""Saved runs, read: what is in them, and what is refused in a sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurochip_bench.keep.saved import SavedRunError, load
from tests.helpers.saved_runs import save, timed


def test_rows_and_machine_are_those_of_the_file(tmp_path):
    run = load(save(tmp_path / "a.json", [timed(), timed("lif-connected-numpy-cpu-f64-n=64", (0.5,))]))
    first, second = run.rows
    assert first.id == "tests/perf/test_run.py::test_run[io-connected-jax-cpu-f32-n=64]"
    assert first.name == "test_run[io-connected-jax-cpu-f32-n=64]"
    assert first.record.verdict == "faithful"
    assert (first.rounds, second.rounds) == ([0.01, 0.011, 0.012], [0.5])
    assert run.machine["cores"] == 2
    assert run.datetime == "2026-01-02T03:04:05+00:00"


def test_key_that_an_older_run_lacks_reads_as_none(tmp_path):
    assert load(save(tmp_path / "a.json", [timed()])).rows[0].record.experiment is None


def test_row_that_failed_stands_at_the_end_with_its_reason(tmp_path):
    rows = [timed(seconds=None), timed("lif-connected-numpy-cpu-f64-n=64")]
    *_, last = load(save(tmp_path / "a.json", rows)).rows
    assert last.stats is None
    assert last.rounds == []
    assert last.reason == "the child was killed by signal 9"


@pytest.mark.parametrize(
    ("record", "word"),
    [
        ({}, "faithful"),
        ({"verdict": None}, None),
        ({"verdict": "splendid"}, "unjudged"),
        ({"verdict": 7}, "unjudged"),
        ({"stable": True}, "faithful"),
        ({"stable": False}, "unstable"),
        ({"stable": False, "verdict": "unusable"}, "unstable"),
        ({"stable": False, "verdict": None}, "unstable"),
        ({"stable": False, "seconds": None}, "failed"),
    ],
)
def test_word_of_a_row_is_its_verdict_unless_it_was_unstable_or_failed(tmp_path, record, word):
    assert load(save(tmp_path / "a.json", [timed(**record)])).rows[0].word == word


def test_run_without_rows_is_no_error(tmp_path):
    assert load(save(tmp_path / "a.json", [])).rows == []


def test_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SavedRunError, match=r"gone\.json: cannot be read"):
        load(tmp_path / "gone.json")


@given(part=st.floats(0, 0.99))
def test_file_that_was_cut_off_is_refused(tmp_path_factory, part):
    path = save(tmp_path_factory.mktemp("cut") / "a.json", [timed()])
    text = path.read_text()
    path.write_text(text[: int(part * len(text))])
    with pytest.raises(SavedRunError, match="is not JSON, or was cut off"):
        load(path)


@pytest.mark.parametrize("content", ["[]", "{}", '{"benchmarks": 3}', '"text"', "null"])
def test_json_that_is_no_saved_run_is_refused(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(SavedRunError, match="has no list of benchmarks"):
        load(path)


@pytest.mark.parametrize("entry", [{}, 3, None, {"name": "x"}, {"name": "x", "extra_info": [1]}])
def test_row_that_pytest_benchmark_does_not_write_is_refused(tmp_path, entry):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"benchmarks": [entry]}))
    with pytest.raises(SavedRunError, match="has a row that pytest-benchmark does not write"):
        load(path)


@pytest.mark.parametrize("schema", [2, "1", 1.5])
def test_record_of_a_newer_schema_is_refused(tmp_path, schema):
    path = save(tmp_path / "a.json", [timed(schema=schema)])
    with pytest.raises(SavedRunError, match="expected at most 1, update this suite"):
        load(path)
