"""What the command runs itself: processes that are pooled, environments by turns, final states side by side."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neurochip_bench.compare import repeat
from neurochip_bench.compare.errors import CompareError
from neurochip_bench.compare.interleave import interleave, python_of, turns
from neurochip_bench.compare.outputs import apart, read
from neurochip_bench.compare.repeat import Process, Session, run_all
from neurochip_bench.keep.outputs import folder_of, keep, path_of
from neurochip_bench.run import Run
from tests.helpers import sessions
from tests.helpers.commands import compare as main
from tests.helpers.saved_runs import save, timed

LIF = [*sessions.QUICK, sessions.RUN, "--side=4", "-k", "lif and unconnected and numpy-cpu-f64"]
PRETENDER = """#!{python}
import shutil, sys
path = next(a for a in sys.argv if a.startswith("--benchmark-json=")).partition("=")[2]
print("ended with", "{code}")
if {code} != 2: shutil.copy({saved!r}, path)
sys.exit({code})
"""
STATES = arrays(np.float32, (2, 5), elements=st.floats(-80, 40, width=32))


@pytest.fixture
def pretender(tmp_path):
    """A Python that runs nothing and saves a made-up run, or ends with an exit code."""

    def make(code=0):
        saved, path = save(tmp_path / "made-up.json", [timed()]), tmp_path / f"python-{code}"
        path.write_text(PRETENDER.format(python=sys.executable, code=code, saved=str(saved)))
        path.chmod(0o755)
        return str(path)

    return make


def test_each_process_has_its_file_and_its_log(pretender, tmp_path):
    session = Session(pretender(), ("-k", "lif"), tmp_path / "runs")
    said: list[str] = []
    run_all([Process(session, number) for number in (1, 2, 3)], tmp_path, said.append)
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == [
        f"{n}.{x}" for n in "123" for x in ("json", "log")
    ]
    assert said[0] == "process 1 of 3"
    assert said[2].startswith("process 3 of 3, ")


def test_process_whose_rows_fail_is_kept(pretender, tmp_path):
    Session(pretender(1), (), tmp_path).run(1)
    assert (tmp_path / "1.json").exists()


@pytest.mark.parametrize(("code", "expected"), [(2, 4), (4, 4), (5, 5)])
def test_process_that_ended_without_a_run_ends_all(pretender, tmp_path, code, expected):
    with pytest.raises(CompareError, match=f"pytest ended with {code}: ended with {code}") as caught:
        Session(pretender(code), (), tmp_path / "runs").run(1)
    assert caught.value.code == expected
    assert not (tmp_path / "runs" / "1.json").exists()


def test_rows_that_did_not_pass_are_counted_after_each_process(pretender, tmp_path, monkeypatch):
    said: list[str] = []
    run_all([Process(Session(pretender(1), (), tmp_path), 1)], tmp_path, said.append)
    assert said == ["process 1 of 1", f"some rows of it did not pass, see {tmp_path / '1.log'}"]
    (tmp_path / "2.log").write_text("rows\n===== 12 failed, 3 passed, 1 warning, 2 errors in 9 s =====\n")
    assert repeat.failed(tmp_path / "2.log").startswith("14 rows of it did not pass")


@pytest.fixture
def stopped(pretender, tmp_path, monkeypatch):
    """Runs `--repeat` until something ends a process; returns (exit code, number of finished processes)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(repeat.sys, "executable", pretender())
    run = Session.run

    def repeated(*arguments, ends=None, error=KeyboardInterrupt, count=3):
        def ending(session, number):
            if number == ends:
                raise error
            return run(session, number)

        monkeypatch.setattr(Session, "run", ending)
        code = main(["--repeat", str(count), "--save", "before", "--", *arguments])
        return code, len(list((tmp_path / ".benchmarks" / "before").glob("*.json")))

    return repeated


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (CompareError("saved nothing", 5), 5)])
def test_processes_that_finished_are_kept_and_gone_on_with(stopped, capsys, error, code):
    assert stopped("-k", "lif", ends=3, error=error) == (code, 2)
    said = capsys.readouterr().err
    assert "2 of 3 processes are kept in .benchmarks/before, the same command goes on behind them" in said
    assert stopped("-k", "io") == (4, 2)
    assert "holds something already" in capsys.readouterr().err
    assert stopped("-k", "lif") == (0, 3)
    assert capsys.readouterr().err == "process 3 of 3\n"
    assert stopped("-k", "lif") == (4, 3)
    assert "holds something already" in capsys.readouterr().err


def test_folder_of_which_no_process_finished_takes_another_command(stopped):
    assert stopped("-k", "typo", ends=1, error=CompareError("saved nothing", 5)) == (5, 0)
    assert stopped("-k", "lif") == (0, 3)


def test_folder_of_something_else_is_not_written_into(stopped, tmp_path):
    (tmp_path / ".benchmarks" / "before").mkdir(parents=True)
    (tmp_path / ".benchmarks" / "before" / "1.log").touch()
    assert stopped() == (4, 0)


def test_environments_go_on_by_turns(pretender, tmp_path, monkeypatch):
    monkeypatch.setattr("neurochip_bench.compare.interleave.python_of", lambda environment: pretender())
    folders = interleave(("a", "b"), 2, str(tmp_path / "runs"), ())
    kept = {path: path.stat().st_mtime_ns for folder in folders for path in folder.glob("*.json")}
    folders[0].joinpath("2.json").unlink()
    interleave(("a", "b"), 2, str(tmp_path / "runs"), ())
    changed = [path for path, then in kept.items() if path.stat().st_mtime_ns != then]
    assert changed == [folders[0] / "2.json"]
    with pytest.raises(CompareError, match="holds something already"):
        interleave(("a", "b"), 2, str(tmp_path / "runs"), ())


def test_repeated_runs_are_pooled_under_their_name(pretender, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(repeat.sys, "executable", pretender())
    for name in ("before", "after"):
        assert main(["--repeat", "2", "--save", name, "--", "-k", "lif"]) == 0
    assert main(["before", "after"]) == 0
    assert "2 processes in .benchmarks/before" in capsys.readouterr().out.replace("\n", " ")
    assert main(["--repeat", "2", "--save", "before", "--", "-k", "lif"]) == 4
    assert "holds something already" in capsys.readouterr().err


@given(count=st.integers(1, 12))
def test_environments_take_turns_and_neither_is_first_more_often(count):
    a, b = (Session("python", (), Path(side)) for side in "ab")
    order = list(turns(a, b, count))
    numbers = list(range(1, count + 1))
    assert [[n for session, n in order if session is side] for side in (a, b)] == [numbers, numbers]
    middle = [np.mean([i for i, (session, _) in enumerate(order) if session is side]) for side in (a, b)]
    assert abs(middle[0] - middle[1]) <= 1


def test_environment_is_a_folder_or_a_python(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    with pytest.raises(CompareError, match="expected the folder of a virtual environment"):
        python_of(str(tmp_path / "gone"))
    assert python_of(sys.executable) == sys.executable
    (tmp_path / "bin" / "python").unlink()
    (tmp_path / "bin" / "python").write_text("#!/bin/sh\necho 'no module named rich' >&2; exit 1\n")
    (tmp_path / "bin" / "python").chmod(0o755)
    with pytest.raises(CompareError, match="no module named rich: install the extra 'suite' there"):
        python_of(str(tmp_path))


@pytest.mark.slow  # two whole sessions: three seconds
def test_environment_beside_itself_has_the_same_bits(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(sessions.ROOT)
    for variable, value in {**sessions.environment(tmp_path), "COLUMNS": "200"}.items():
        monkeypatch.setenv(variable, value)
    name = str(tmp_path / "runs")
    code = main(["--interleave", sys.executable, sys.executable, "--repeat", "1", "--save", name, "--all", "--", *LIF])
    out, error = capsys.readouterr()
    assert code == 0, out + error
    assert "final states: 1 of 1 rows have the same bits on both sides" in out
    assert out.count("same bits") == 2
    assert json.loads((tmp_path / "runs" / "b" / "1.json").read_text())["benchmarks"][0]["stats"]["data"]


@given(a=STATES, b=STATES)
def test_states_are_the_same_only_bit_by_bit(a, b):
    found = apart([a], [b])
    assert (found.share == 0.0) == (a.tobytes() == b.tobytes())
    assert found.potential == pytest.approx(np.abs(a[0].astype(float) - b[0].astype(float)).max())
    assert found.repeats is None
    assert str(apart([a, a], [a, a])) == "same bits"


def test_nan_equals_itself_and_nothing_else():
    a, b = np.full((2, 3), np.nan), np.zeros((2, 3))
    assert apart([a], [a]).share == 0.0
    assert apart([a], [b]).potential == np.inf
    assert apart([b], [b.astype(np.float32)]).share is None
    assert str(apart([b], [np.zeros((2, 4))])) == "another dtype or shape"


def test_side_that_does_not_repeat_itself_says_so():
    a, b = np.zeros((2, 4)), np.zeros((2, 4))
    b[0, 0] = 1e-3
    assert str(apart([a], [b])) == "12% differ, 0.001 mV"
    assert apart([a, b], [a]).repeats is False
    assert str(apart([a, b], [a])).endswith("not the same twice")


def test_other_states_of_two_runs_are_shown(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    files = [save(tmp_path / side / "1.json", [timed()]) for side in "ab"]
    for number, path in enumerate(files):
        keep(folder_of(path), timed()["fullname"], Run(np.full((14, 64), -60.0 + number)))
    assert main([*map(str, files), "--all"]) == 0
    assert "100% differ, 1 mV" in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"text", None])
def test_output_that_cannot_be_read_is_named(tmp_path, content):
    path = path_of(tmp_path, "tests/perf/test_run.py::test_run[x]")
    if content is None:
        np.savez(path, state=np.array([{}]))  # a pickle, which is not run
    else:
        path.write_bytes(content)
    with pytest.raises(CompareError, match="is no output of a row"):
        read(path)
