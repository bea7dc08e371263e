"""The process that watches: what it makes of a child's end, how long it waits, and how many it starts."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import psutil
import pytest

from neurochip_bench.keep import last_words, supervise
from neurochip_bench.keep.journal import Journal

# Stands in for pytest in a child: `tell` writes into the journal, `BEHAVIOUR` does the rest.
CHILD = """
import json, os, socket, sys, tempfile
def tell(**line):
    with open(os.environ["NEUROCHIP_JOURNAL"], "a") as file:
        file.write(json.dumps(line) + chr(10))
def end(code):
    sys.stderr.flush()
    os._exit(code)
with open("started", "a") as file:
    file.write(".")
number = len(open("started").read())
"""
ROW_ENDS = """
tell(collected=2)
if number == 1:
    tell(start="a::row", record={"cells": 64})
    print("planted words", file=sys.stderr)
    end(CODE)
tell(finish="b", outcome="passed", entry={}, reason=None)
tell(ended=1)
"""
CAPTURED = """
tell(collected=1)
if number == 1:
    tell(start="a::row", record={})
    print("said before", file=sys.stderr, flush=True)
    file = tempfile.TemporaryFile()
    os.dup2(file.fileno(), 2)
    socket.send_fds(socket.socket(fileno=os.dup(0)), [b"2"], [2])
    os.write(2, b"captured words" + bytes([10]))
    end(0)
tell(ended=1)
"""
AT_IMPORT = """
print("no such flag", file=sys.stderr)
end(CODE)
"""
BETWEEN = """
tell(finish="a", outcome="passed", entry={}, reason=None)
end(0)
"""
EVER_OTHER_ROWS = """
tell(collected=2)
tell(start=f"a::{number}", record={})
end(1)
"""
AFTER_ITS_END = """
tell(ended=0)
os.abort()
"""
WHILE_IT_ENDS = """
tell(collected=1)
tell(finish="a", outcome="passed", entry={}, reason=None)
tell(CLOSED)
end(0)
"""


@pytest.fixture
def watched(tmp_path):
    """Watches over children of a behaviour; returns (exit code, the rows that finished, how many were started)."""

    def run(behaviour):
        (tmp_path / "pytest.py").write_text(CHILD + behaviour)
        journal = Journal.create(tmp_path, "x", {})
        code = supervise.supervise([], tmp_path, journal, 60.0)
        finished = journal.read().finished if journal.path.exists() else {}
        return code, finished, len((tmp_path / "started").read_text())

    return run


@pytest.mark.parametrize("code", [0, 1, 2, 5, 77])
def test_row_that_ends_its_process_with_any_code_says_so_and_the_run_goes_on(watched, capfd, code):
    found, rows, started = watched(ROW_ENDS.replace("CODE", str(code)))
    assert (found, list(rows), started) == (1, ["a::row", "b"], 2)
    assert rows["a::row"]["reason"] == f"its process ended with exit code {code}; its last words: planted words"
    assert rows["a::row"]["entry"]["extra_info"] == {"cells": 64}
    shown = capfd.readouterr().err
    assert shown.startswith("planted words\n")
    assert "the run goes on behind it" in shown


def test_words_that_pytest_captured_outlive_the_process(watched):
    _, rows, _ = watched(CAPTURED)
    assert rows["a::row"]["reason"] == "its process ended with exit code 0; its last words: captured words"


@pytest.mark.parametrize("code", [0, 1, 5])
def test_process_that_ends_before_any_row_is_not_started_again(watched, capfd, code):
    assert watched(AT_IMPORT.replace("CODE", str(code))) == (supervise.CRASHED, {}, 1)
    shown = capfd.readouterr().err
    assert f"exit code {code}; its last words: no such flag; no row ran in this process" in shown
    assert "--resume" not in shown  # there is nothing to go on with


def test_process_that_ends_between_rows_is_never_green_and_names_resume(watched, capfd):
    code, rows, started = watched(BETWEEN)
    assert (code, list(rows), started) == (supervise.CRASHED, ["a"], 2)
    assert "--resume goes on with the run" in capfd.readouterr().err


def test_number_of_processes_has_a_bound_whatever_the_rows_are_called(watched, capfd):
    code, rows, started = watched(EVER_OTHER_ROWS)
    assert (code, started) == (supervise.CRASHED, 2 + supervise.SPARE)
    assert len(rows) == started
    assert "of a run of 2 rows, so that no other is started" in capfd.readouterr().err


def test_end_of_a_process_after_pytest_ended_is_pytests(watched):
    assert watched(AFTER_ITS_END) == (0, {}, 1)


@pytest.mark.parametrize(("closed", "resume"), [("saved=True", False), ("partial=['file']", True)])
def test_process_that_ends_once_it_has_saved_is_not_green_and_no_other_one_saves_again(watched, capfd, closed, resume):
    code, _, started = watched(WHILE_IT_ENDS.replace("CLOSED", closed))
    assert (code, started) == (supervise.CRASHED, 1)
    shown = capfd.readouterr().err
    assert "its process ended with exit code 0, once it had saved its rows" in shown
    assert ("--resume goes on" in shown) == resume


HOLDS = """
import subprocess, sys, time
worker = subprocess.Popen(["sleep", "60"], start_new_session=True)
with open("worker", "w") as file:
    file.write(str(worker.pid) + chr(10))
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there what a process has started is found anyway")
def test_a_child_that_is_killed_leaves_no_worker_of_a_group_of_its_own(monkeypatch, tmp_path):
    (tmp_path / "pytest.py").write_text(HOLDS)
    said, workers = tmp_path / "worker", []

    def too_long(process, journal, limit_s):
        until = time.monotonic() + 20
        while not (said.exists() and said.read_text().endswith("\n")):
            assert time.monotonic() < until
            time.sleep(0.01)
        workers.append(psutil.Process(int(said.read_text())))
        return "took longer than 5 s"

    monkeypatch.setattr(supervise, "wait", too_long)
    assert supervise.child([], tmp_path, Journal.create(tmp_path, "x", {}), 5.0) == "took longer than 5 s"
    left = psutil.wait_procs(workers, timeout=1)[1]
    assert [process.status() for process in left] in ([], [psutil.STATUS_ZOMBIE]), "its init may not ask for it"


@pytest.fixture
def sleeping(tmp_path):
    """A child that sleeps for some seconds, and its journal."""
    children = []

    def start(seconds):
        children.append(subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({seconds})"]))
        return children[0], Journal.create(tmp_path, "x", {})

    yield start
    for child in children:
        child.kill()
        child.wait()


@pytest.mark.parametrize("step_s", [-1e6, 1e6])
def test_step_of_the_clock_or_of_a_files_time_kills_nothing(sleeping, monkeypatch, step_s):
    child, journal = sleeping(0.25)
    monkeypatch.setattr(supervise, "POLL_S", 0.05)
    os.utime(journal.path, (0.0, time.time() - step_s))
    monkeypatch.setattr(time, "time", lambda now=time.time: now() + step_s)
    assert supervise.wait(child, journal, 3600.0) is None


def test_pause_of_the_machine_is_no_running_time(sleeping, monkeypatch):
    child, journal = sleeping(0.25)
    monkeypatch.setattr(supervise, "POLL_S", 0.05)
    jumps = iter(range(0, 10**9, 10**4))
    now = time.monotonic
    monkeypatch.setattr(supervise, "time", type("Paused", (), {"monotonic": lambda: now() + next(jumps)}))
    assert supervise.wait(child, journal, 3600.0) is None


@pytest.mark.parametrize("step_s", [0.0, 1e6])
def test_row_that_runs_too_long_is_told_whatever_a_files_time_says(sleeping, monkeypatch, step_s):
    child, journal = sleeping(60)
    journal.start("a", {})
    monkeypatch.setattr(supervise, "POLL_S", 0.05)
    os.utime(journal.path, (0.0, time.time() + step_s))
    assert supervise.wait(child, journal, 0.1) == "took longer than 0.1 s and was killed (--row-limit)"
    assert child.poll() is None


def test_limit_of_rows_is_none_of_what_comes_before_them(sleeping, monkeypatch):
    child, journal = sleeping(60)
    monkeypatch.setattr(supervise, "POLL_S", 0.05)
    monkeypatch.setattr(supervise, "OUTSIDE_S", 0.2)
    assert supervise.wait(child, journal, 0.1) == "took longer than 0.2 s outside any row and was killed"


def test_each_row_has_its_own_time(sleeping, monkeypatch):
    child, journal = sleeping(0.5)
    monkeypatch.setattr(supervise, "POLL_S", 0.05)
    wait = child.wait

    def rows_go_by(timeout):
        journal.start("a", {})
        return wait(timeout)

    monkeypatch.setattr(child, "wait", rows_go_by)
    assert supervise.wait(child, journal, 0.2) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", ""),
        (b"1\n2\n\n3\n4\n", "2 / 3 / 4"),
        (b"\x1b[31mred\x1b[0m\a\n", "[31mred[0m"),
        (b"words\nFatal Python error: Aborted\n\n  File x\n", "words"),
        (
            b"terminate called\n*** Check failure stack trace: ***\n    @     0x7f5e f()\n    @     0x7f5f g()\n",
            "terminate called",
        ),
        (b"\xff", "�"),
        (b"x" * 1000, "x" * last_words.LONGEST),
    ],
)
def test_last_words_are_few_and_in_one_line(text, words):
    assert last_words.in_one_line(text) == words
