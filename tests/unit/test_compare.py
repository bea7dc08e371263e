"""The command on made-up runs: what fails, what is shown, what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from model.compare.__main__ import main
from tests.suite.fabricated import row, save

BACKENDS = ("numpy-cpu-f64", "jax-cpu-f32", "jax-cpu-f64", "tensorflow-cpu-f32")
NAMES = [f"{model}-connected-{backend}-n=64" for model in ("io", "lif") for backend in BACKENDS]
JAX = "io-connected-jax-cpu-f32-n=64"


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    """A terminal that folds nothing."""
    monkeypatch.setenv("COLUMNS", "300")


@pytest.fixture
def compared(tmp_path, capsys):
    """Saves two runs, compares them; returns (exit code, what was printed)."""

    def run(base, new, *options, **machine):
        files = save(tmp_path / "a.json", base), save(tmp_path / "b.json", new, hour=1, **machine)
        code = main([*map(str, files), *options])
        out, error = capsys.readouterr()
        return code, out + error

    return run


@pytest.fixture
def pooled(tmp_path, capsys):
    """Saves processes of two sides, in folders, and compares them; `slow` gives a backend's factor on the new side."""

    def run(*options, slow=None, drift=1.0, turns=False, busy=1.0, processes=9, **machine):
        rng = np.random.default_rng(1)
        for number in range(processes):
            for side in (0, 1):
                rows = []
                for name in NAMES:
                    backend = name.partition("connected-")[2].rpartition("-n=")[0]
                    factor = ((slow or {}).get(backend, 1.0) * drift) ** side
                    best = 0.01 * factor * np.exp(rng.normal(0.0, 0.12 * busy**side))
                    rows.append(row(name, (best, 1.02 * best, 1.1 * best)))
                hour = (2 * number + side) if turns else (number + processes * side)
                save(tmp_path / "ab"[side] / f"{number}.json", rows, hour, **(machine if side else {}))
        code = main([str(tmp_path / "a"), str(tmp_path / "b"), *options])
        out, error = capsys.readouterr()
        return code, out + error

    return run


def test_same_run_twice_passes(compared):
    code, text = compared([row()], [row()])
    assert code == 0, text
    assert text.endswith("passed\n")
    assert "rows: 1 in both; times: 1 undecided" in text
    assert "run --repeat 9 for each side" in text


@pytest.mark.parametrize("turns", [False, True])
def test_identical_code_is_quiet(pooled, turns):
    code, text = pooled("--fail-slower", "10%", turns=turns)
    assert code == 0, text
    assert " slower" not in text
    assert " faster" not in text
    assert ("took turns" in text) == turns


@pytest.mark.parametrize("turns", [False, True])
def test_planted_slowdown_is_found_and_fails_where_asked(pooled, turns):
    code, text = pooled(slow={"jax-cpu-f32": 1.3}, turns=turns)
    assert code == 0, "speed fails on request only"
    code, text = pooled("--fail-slower", "5%", slow={"jax-cpu-f32": 1.3}, turns=turns)
    assert code == 1, text
    failed = [line for line in text.splitlines() if line.startswith("FAILED")]
    assert "FAILED: jax-cpu-f32, run, 2 rows takes" in text
    assert all("jax-cpu-f32" in line for line in failed)


def test_side_that_ran_on_a_busier_machine_decides_nothing(pooled):
    code, text = pooled("--fail-slower", "5%", slow={"jax-cpu-f32": 2.0}, busy=3.0)
    assert code == 0, text
    assert "times as far on one side as on the other" in text
    assert pooled("--fail-slower", "5%", slow={"jax-cpu-f32": 2.0})[0] == 1


def test_slowdown_below_the_threshold_passes(pooled):
    assert pooled("--fail-slower", "60%", slow={"jax-cpu-f32": 1.3})[0] == 0
    assert pooled("--fail-slower", "1.6", slow={"jax-cpu-f32": 1.3})[0] == 0


def test_what_slows_all_is_called_only_where_sides_took_turns(pooled):
    code, text = pooled("--fail-slower", "10%", drift=1.5)
    assert code == 0, text
    assert "All libraries moved by about 1." in text
    assert pooled("--fail-slower", "10%", drift=1.5, turns=True)[0] == 1


def test_single_runs_call_nothing_below_1_5(compared):
    code, text = compared([row(seconds=[0.01] * 5)], [row(seconds=[0.0149] * 5)], "--fail-slower", "1%")
    assert code == 0, text
    assert "1 undecided" in text


def test_wrong_result_fails_and_has_no_time(compared):
    code, text = compared([row()], [row(verdict="unusable", seconds=[0.001])])
    assert code == 1
    assert f"FAILED: tests/perf/test_run.py::test_run[{JAX}] is unusable, was faithful" in text
    assert "not right: no times" in text
    assert "faithful → unusable" in text


@pytest.mark.parametrize("verdict", ["undefined", "unjudged", "unusable", "a word nobody knows"])
def test_result_that_is_no_longer_right_fails(compared, verdict):
    assert compared([row(verdict="usable")], [row(verdict=verdict)])[0] == 1


def test_usable_instead_of_faithful_is_shown_and_passes(compared):
    code, text = compared([row()], [row(verdict="usable")])
    assert code == 0
    assert "faithful → usable" in text


def test_result_that_got_better_passes(compared):
    code, text = compared([row(verdict="unusable")], [row()])
    assert code == 0
    assert "unusable → faithful" in text


def test_row_that_was_wrong_before_is_shown_and_passes(compared):
    code, text = compared([row(verdict="unusable")], [row(verdict="unusable")])
    assert code == 0
    assert JAX in text


def test_new_row_that_is_wrong_fails(compared):
    code, text = compared([row()], [row(), row(NAMES[0], verdict="unusable")])
    assert code == 1
    assert "is unusable, was not there" in text


def test_stress_test_that_became_unstable_fails(compared):
    stress = {"test": "test_stress", "experiment": "stress"}
    assert compared([row(stable=True, **stress)], [row(stable=False, **stress)])[0] == 1


def test_row_that_did_not_finish_fails_with_its_reason(compared):
    code, text = compared([row()], [row(seconds=None)])
    assert code == 1
    assert "is failed, was faithful: the child was killed by signal 9" in text


def test_row_that_vanished_fails(compared):
    code, text = compared([row(), row(NAMES[0])], [row()])
    assert code == 1
    assert f"[{NAMES[0]}] vanished" in text


def test_row_that_some_processes_lost_fails(tmp_path, capsys):
    files = [save(tmp_path / f"{i}.json", [row(), *([row(NAMES[0])] if i != 3 else [])], i) for i in range(4)]
    sides = [",".join(map(str, files[i : i + 2])) for i in (0, 2)]
    assert main(sides) == 1
    assert "is in 50% of the new processes, was in 100%" in capsys.readouterr().out


def test_row_in_another_file_is_renamed_and_passes(compared):
    code, text = compared([row()], [row(path="test_moved")])
    assert code == 0
    assert f"(renamed, was tests/perf/test_run.py::test_run[{JAX}])" in text
    assert "1 renamed" in text


def test_row_of_the_same_name_that_ran_something_else_is_not_renamed(compared):
    code, text = compared([row(), row(NAMES[0])], [row(path="test_moved", cells=729), row(NAMES[0])])
    assert code == 1
    assert "1 new, 1 gone" in text


def test_other_version_is_told(compared):
    code, text = compared([row()], [row(library_version="2.0")])
    assert code == 0
    assert "jax version 1.0 → 2.0, rows: 1" in text


def test_other_device_is_told_and_has_no_ratio(compared):
    code, text = compared([row()], [row(device="A GPU", seconds=[0.1])], "--all", "--fail-slower", "10%")
    assert code == 4
    assert "jax device A processor → A GPU, rows: 1" in text
    assert "ran on another device: times do not compare" in text
    assert compared([row()], [row(device="A GPU", seconds=[0.1])])[0] == 0


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"model_ms": 50}, "model_ms 100 → 50"),
        ({"device": "stand-in"}, "stand-in: no times"),
        ({"backend": "emulated-bf16"}, "emulated: no times"),
    ],
)
def test_times_that_say_nothing_are_not_compared(compared, record, reason):
    old = {} if "model_ms" in record else record
    code, text = compared([row(**old)], [row(seconds=[1.0], **record)], "--all")
    assert code == 0, text
    assert reason in text
    assert "none compared" in text
    assert compared([row(**old)], [row(**record)], "--fail-slower", "10%")[0] == 4, "a gate on times needs times"


@pytest.mark.parametrize("machine", [{"processor_name": "Another"}, {"cores": 64}])
def test_other_machine_refuses_a_gate_on_speed_and_judges_results(compared, machine):
    code, text = compared([row()], [row()], "--fail-slower", "10%", **machine)
    assert code == 4
    assert "another machine: A processor, 2 cores and" in text
    code, text = compared([row()], [row()], **machine)
    assert code == 0
    assert "Times are not compared" in text
    assert compared([row()], [row(verdict="unusable")], "--fail-slower", "10%", **machine)[0] == 1


def test_other_machine_compares_beside_a_backend(pooled):
    code, text = pooled("--normalise", "numpy-cpu-f64", "--fail-slower", "10%", drift=3.0, cores=4)
    assert code == 0, text
    assert "divided by those of numpy-cpu-f64" in text
    slow = {"slow": {"jax-cpu-f32": 2.0}, "drift": 3.0, "cores": 4}
    assert pooled("--normalise", "numpy-cpu-f64", "--fail-slower", "10%", **slow)[0] == 1


def test_useless_reference_is_refused(compared):
    code, text = compared([row()], [row()], "--normalise", "numpy-cpu-f64")
    assert code == 4
    assert "has no times on both sides, expected one of jax-cpu-f32" in text


def test_machines_are_not_pooled(tmp_path, capsys):
    files = save(tmp_path / "a.json", [row()]), save(tmp_path / "b.json", [row()], cores=64)
    assert main([",".join(map(str, files)), str(files[0])]) == 4
    assert "expected one machine" in capsys.readouterr().err


def test_nothing_in_common_is_an_error(compared):
    for base, new in (([row()], [row(NAMES[0])]), ([], []), ([row()], []), ([], [row()])):
        code, text = compared(base, new)
        assert code == 4
        assert "no row is in both" in text


def test_newer_schema_is_refused(compared):
    code, text = compared([row()], [row(schema=2)])
    assert code == 4
    assert "update this suite" in text


def test_truncated_file_is_refused(tmp_path, capsys):
    path = save(tmp_path / "a.json", [row()])
    (tmp_path / "b.json").write_text(path.read_text()[:-20])
    assert main([str(path), str(tmp_path / "b.json")]) == 4
    assert "was cut off" in capsys.readouterr().err


@pytest.mark.parametrize("minimum", [0, -1.0, "fast", None, True, float("nan")])
def test_time_that_is_no_time_is_not_compared(compared, minimum):
    damaged = row()
    damaged["stats"]["min"] = minimum
    code, text = compared([row()], [damaged], "--all")
    assert code == 0
    assert "not timed" in text


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
        (["--unknown"], "unrecognized arguments"),
    ],
)
def test_usage_error_is_a_sentence(arguments, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 4
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("text", ["fast", "-10%", "0.9", ""])
def test_threshold_that_is_none_is_refused(compared, text):
    code, printed = compared([row()], [row()], f"--fail-slower={text}")
    assert code == 4, printed
    assert "expected a percentage such as 10%" in printed


def test_sides_are_files_folders_lists_patterns_and_names(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number in range(2):
        save(tmp_path / ".benchmarks" / "before" / f"{number}.json", [row()], number)
    save(tmp_path / ".benchmarks" / "Linux-CPython" / "0001_cpu.json", [row()], 5)
    names = ("before", ".benchmarks/before", "0001", ".benchmarks/*/0001_cpu.json")
    lists = ".benchmarks/before/0.json,.benchmarks/before/1.json"
    for side in (*names, lists):
        assert main([side, "before"]) == 0, capsys.readouterr().err


def test_markdown_shows_names_as_they_are_and_the_verdict(compared, tmp_path):
    new = row(verdict="unusable", path="<script>|`x`")
    old = {**row(), "fullname": new["fullname"]}
    compared([old], [new], "--markdown", str(tmp_path / "summary.md"))
    text = (tmp_path / "summary.md").read_text()
    assert text.startswith("## Benchmarks: **failed**")
    assert "<script>" not in text
    assert "faithful → unusable" in text
    head, rule, line = (x for x in text.splitlines() if x.startswith("|"))
    assert head.count("|") == rule.count("|") == line.replace("\\|", "").count("|")


def test_name_cannot_steer_the_terminal(compared):
    entry = row(verdict="unusable")
    entry["name"] = "test_run[\x1b[2J]"
    _, text = compared([row()], [entry])
    assert "\x1b[2J" not in text


def test_saved_run_of_before_records_said_what_was_done_compares(tmp_path, compared):
    old = row()
    assert "experiment" not in old["extra_info"]
    assert compared([old], [row(path="test_moved", experiment="run")])[0] == 0
    assert json.loads((tmp_path / "a.json").read_text())["benchmarks"]
