"""The command on made-up runs: which results fail, what is shown, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.helpers.commands import compare as main
from tests.helpers.saved_runs import save, timed

JAX = "io-connected-jax-cpu-f32-n=64"
NUMPY = "io-connected-numpy-cpu-f64-n=64"


def test_wrong_result_fails_and_has_no_time(compared):
    code, text = compared([timed()], [timed(verdict="unusable", seconds=[0.001])])
    assert code == 1
    assert f"FAILED: tests/perf/test_run.py::test_run[{JAX}] is unusable, was faithful" in text
    assert "not right: no times" in text
    assert "faithful → unusable" in text


@pytest.mark.parametrize("verdict", ["undefined", "unjudged", "unusable", "a word nobody knows"])
def test_result_that_is_no_longer_right_fails(compared, verdict):
    assert compared([timed(verdict="usable")], [timed(verdict=verdict)])[0] == 1


def test_usable_instead_of_faithful_is_shown_and_passes(compared):
    code, text = compared([timed()], [timed(verdict="usable")])
    assert code == 0
    assert "faithful → usable" in text


@pytest.mark.parametrize("verdict", ["faithful", "usable", "undefined", "unjudged", "unusable"])
def test_row_that_lost_its_verdict_fails(compared, verdict):
    code, text = compared([timed(verdict=verdict)], [timed(verdict=None)])
    assert code == 1
    assert f"has no verdict, was {verdict}" in text
    assert compared([timed(verdict=None)], [timed(verdict=None)])[0] == 0, "a row that never had one"
    assert compared([timed(verdict=None)], [timed(verdict=verdict)])[0] == (verdict not in ("faithful", "usable"))


def test_row_that_lost_its_verdict_in_some_processes_fails(tmp_path, capsys):
    verdicts = ("faithful", "faithful", "faithful", None)
    files = [save(tmp_path / f"{i}.json", [timed(verdict=verdict)], hour=i) for i, verdict in enumerate(verdicts)]
    assert main([",".join(map(str, files[i : i + 2])) for i in (0, 2)]) == 1
    assert "is unjudged, was faithful" in capsys.readouterr().out


def test_row_that_failed_and_has_no_verdict_when_it_works_passes(compared):
    assert compared([timed(seconds=None)], [timed(verdict=None)])[0] == 0


def test_result_that_got_better_passes(compared):
    code, text = compared([timed(verdict="unusable")], [timed()])
    assert code == 0
    assert "unusable → faithful" in text


def test_row_that_was_wrong_before_is_shown_and_passes(compared):
    code, text = compared([timed(verdict="unusable")], [timed(verdict="unusable")])
    assert code == 0
    assert JAX in text


def test_new_row_that_is_wrong_fails(compared):
    code, text = compared([timed()], [timed(), timed(NUMPY, verdict="unusable")])
    assert code == 1
    assert "is unusable, was not there" in text


def test_stress_test_that_became_unstable_fails(compared):
    stress: dict[str, Any] = {"test": "test_stress", "experiment": "stress"}
    for verdict in ("faithful", None):
        rows = [timed(stable=stable, verdict=verdict, **stress) for stable in (True, False)]
        code, text = compared(rows[:1], rows[1:])
        assert code == 1
        assert f"is unstable, was {verdict or '–'}" in text
        assert compared(rows[1:], rows[1:], "--fail-slower", "10%")[0] == 4, "its times are not compared"
        assert compared(rows[1:], rows[:1])[0] == (verdict is None)


def test_row_that_did_not_finish_fails_with_its_reason(compared):
    code, text = compared([timed()], [timed(seconds=None)])
    assert code == 1
    assert "is failed, was faithful: the child was killed by signal 9" in text


def test_row_that_vanished_fails(compared):
    code, text = compared([timed(), timed(NUMPY)], [timed()])
    assert code == 1
    assert f"[{NUMPY}] vanished" in text


def test_backend_that_vanished_is_one_sentence_and_one_line(compared):
    names = [f"lif-connected-jax-cpu-f32-n={n}" for n in range(64, 73)]
    code, text = compared([timed(NUMPY), *map(timed, names)], [timed(NUMPY)])
    assert code == 1
    assert text.count("FAILED") == 1
    assert "9 rows of jax-cpu-f32 vanished: tests/perf" in text
    assert "and 3 more" in text
    assert "gone: jax-cpu-f32, rows: 9" in text
    code, text = compared([timed(NUMPY)], [timed(NUMPY), *map(timed, names)])
    assert code == 0
    assert "new: jax-cpu-f32, rows: 9" in text
    assert "n=70" not in text
    assert "n=70" in compared([timed(NUMPY)], [timed(NUMPY), *map(timed, names)], "--all")[1]


def test_new_row_that_is_wrong_is_shown_by_itself(compared):
    assert f"test_run[{NUMPY}]" in compared([timed()], [timed(), timed(NUMPY, verdict="undefined")])[1]


def test_row_that_some_processes_lost_fails(tmp_path, capsys):
    files = [save(tmp_path / f"{i}.json", [timed(), *([timed(NUMPY)] if i != 3 else [])], hour=i) for i in range(4)]
    sides = [",".join(map(str, files[i : i + 2])) for i in (0, 2)]
    assert main(sides) == 1
    assert "is in 50% of the new processes, was in 100%" in capsys.readouterr().out


def test_row_in_another_file_is_renamed_and_passes(compared):
    code, text = compared([timed()], [timed(path="test_moved")])
    assert code == 0
    assert f"(renamed, was tests/perf/test_run.py::test_run[{JAX}])" in text
    assert "1 renamed" in text


def test_row_under_another_test_name_is_renamed_where_its_experiment_is(compared):
    code, text = compared([timed(experiment="run")], [timed(test="main", experiment="run")])
    assert code == 0, text
    assert f"(renamed, was tests/perf/test_run.py::test_run[{JAX}])" in text
    code, text = compared([timed(experiment="run")], [timed(test="main", experiment="run", model_ms=50)])
    assert code == 4, "that is another row"
    assert "no row is in both" in text


def test_row_that_vanished_is_said_to_look_like_a_new_one(compared):
    code, text = compared([timed(), timed(NUMPY)], [timed(test="main"), timed(NUMPY)])
    assert code == 1
    assert f"test_run[{JAX}] vanished; looks like tests/perf/test_run.py::test_main[{JAX}], which is new" in text


def test_rows_that_all_have_another_name_are_said_to_look_alike(compared):
    code, text = compared([timed()], [timed(test="main")])
    assert code == 4
    assert f"test_run[{JAX}] looks like tests/perf/test_run.py::test_main[{JAX}]" in text


def test_row_of_the_same_name_that_ran_something_else_is_not_renamed(compared):
    code, text = compared([timed(), timed(NUMPY)], [timed(path="test_moved", coupling="dense"), timed(NUMPY)])
    assert code == 1
    assert "1 new, 1 gone" in text


def test_other_version_is_told(compared):
    code, text = compared([timed()], [timed(library_version="2.0")])
    assert code == 0
    assert "jax version 1.0 → 2.0, rows: 1" in text


def test_row_without_a_backend_is_summed_up_by_its_experiment(compared):
    build = timed(test="build", backend=None, verdict=None)
    code, text = compared([timed(), build], [timed()])
    assert code == 1
    assert "gone: build, rows: 1" in text


def test_nothing_in_common_is_an_error(compared):
    for base, new in (([timed()], [timed(NUMPY)]), ([], []), ([timed()], []), ([], [timed()])):
        code, text = compared(base, new)
        assert code == 4
        assert "no row is in both" in text


def test_newer_schema_is_refused(compared):
    code, text = compared([timed()], [timed(schema=2)])
    assert code == 4
    assert "update this suite" in text


def test_truncated_file_is_refused(tmp_path, capsys):
    path = save(tmp_path / "a.json", [timed()])
    (tmp_path / "b.json").write_text(path.read_text()[:-20])
    assert main([str(path), str(tmp_path / "b.json")]) == 4
    assert "was cut off" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["gone.json", "gone.json"], "gone.json: no such file or folder"),
        (["only.json"], "expected BASE and NEW"),
        (["a", "b", "--", "-k", "lif"], "go with --repeat or --interleave"),
        (["--repeat", "9"], "--repeat needs --save NAME"),
        (["--repeat", "0", "--save", "x"], "expected a number of processes"),
        (["a.json", "--repeat", "9", "--save", "x"], "expected no files"),
        (["*.gone", "b"], "no file matches"),
        (["--unknown"], "No such option"),
        (["--repeat", "9", "--save", "x", "--fail-slower", "10%"], "--fail-slower: --repeat compares nothing"),
        (["--repeat", "9", "--save", "x", "--markdown", "x"], "--markdown: --repeat compares nothing"),
        (["--repeat", "9", "--save", "x", "--normalise", "x"], "--normalise: --repeat compares nothing"),
        (["--repeat", "9", "--save", "x", "--all"], "--all: --repeat compares nothing"),
        (["a", "b", "--same-machine-only"], "--same-machine-only goes with --fail-slower"),
        (["a", "b", "--markdown", "gone/summary.md"], "--markdown gone/summary.md: cannot be written: No such file"),
        (["--interleave", "gone", "gone", "--markdown", "."], "--markdown .: cannot be written: Is a directory"),
    ],
)
def test_usage_error_is_a_sentence(arguments, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 4
    assert sentence in capsys.readouterr().err


def test_log_is_not_wrapped(compared, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    text = compared([timed()], [timed(NUMPY, path="test_" + "long" * 20), timed(verdict="unusable")], "--all")[1]
    assert f"test_run[{JAX}] is unusable, was faithful\n" in text
    assert any(line.startswith(f" test_run[{JAX}]") and "not right: no times" in line for line in text.splitlines())


def test_sides_are_files_folders_lists_patterns_and_names(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in range(2):
        save(tmp_path / ".benchmarks" / "before" / f"{number}.json", [timed()], hour=number)
    save(tmp_path / ".benchmarks" / "Linux-CPython" / "0001_cpu.json", [timed()], hour=5)
    names = ("before", ".benchmarks/before", "0001", ".benchmarks/*/0001_cpu.json")
    lists = ".benchmarks/before/0.json,.benchmarks/before/1.json"
    for side in (*names, lists):
        assert main([side, "before"]) == 0, capsys.readouterr().err


def test_markdown_shows_names_as_they_are_and_the_verdict(compared, tmp_path):
    new = timed(verdict="unusable", path="<script>|`x`")
    old = {**timed(), "fullname": new["fullname"]}
    compared([old], [new], "--markdown", str(tmp_path / "summary.md"))
    text = (tmp_path / "summary.md").read_text()
    assert text.startswith("## Benchmarks: **failed**")
    assert "<script>" not in text
    assert "faithful → unusable" in text
    head, rule, line = (x for x in text.splitlines() if x.startswith("|"))
    assert head.count("|") == rule.count("|") == line.replace("\\|", "").count("|")


def test_name_cannot_steer_the_terminal(compared):
    entry = timed(verdict="unusable")
    entry["name"] = "test_run[\x1b[2J]"
    _, text = compared([timed()], [entry])
    assert "\x1b[2J" not in text


def test_saved_run_of_before_records_said_what_was_done_compares(tmp_path, compared):
    old = timed()
    del old["extra_info"]["experiment"]
    assert compared([old], [timed(path="test_moved", experiment="run")])[0] == 0
    assert json.loads((tmp_path / "a.json").read_text())["benchmarks"]


def test_value_of_another_type_is_said_not_to_be_read(compared):
    damaged = timed()
    damaged["extra_info"].update(threads="two", seed=["a"], cells="many")
    code, text = compared([timed()], [damaged])
    assert code == 0
    said = "b.json: values of another type are not read: "
    assert said in text
    line = next(line for line in text.splitlines() if said in line)
    assert "threads is 'two': expected a whole number; " in line or "cells is 'many': expected a whole number; " in line
    assert line.endswith(" and 1 more")
    assert "are not read" not in compared([timed()], [timed()])[1]
