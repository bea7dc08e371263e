"""Nothing is lost: rows that take their process down, runs that are killed, and going on with them."""

from __future__ import annotations

import contextlib
import copy
import json
import math
import os
import random
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neurochip_bench.keep import saving, supervise
from neurochip_bench.keep.child import Child, Told
from neurochip_bench.keep.journal import FOLDER, Journal
from neurochip_bench.keep.saved import load
from tests.helpers.sessions import ROOT, RUN, cases, command, environment, ran, short, start

LIF = [RUN, "-k", "lif and numpy", "--benchmark-quiet"]
DEADLY = """
import os, signal, time
from neurochip_bench.backends.numpy_reference import NumpyProgram
run = NumpyProgram.run
def deadly(self, *arguments):
    if self.network.kernel == "hh":
        os.write(2, b"planted words" + bytes([10]))
        os._exit(0)
    if self.network.connected and self.dtype == "float32":
        os.kill(os.getpid(), signal.SIGSEGV)
    if self.network.connected:
        time.sleep(600)
    if self.dtype == "float32":
        raise MemoryError("planted")
    return run(self, *arguments)
NumpyProgram.run = deadly
"""
INTERRUPTING = """
from neurochip_bench.backends.numpy_reference import NumpyProgram
run, calls = NumpyProgram.run, []
def interrupted(self, *arguments):
    calls.append(self.network.connected)
    if sum(calls) == 3:  # behind the run that warms up and one of two rounds
        raise KeyboardInterrupt
    return run(self, *arguments)
NumpyProgram.run = interrupted
def pytest_cmdline_main():
    from neurochip_bench.suite.row import Row
    Row.rounds = 2
"""
SLEEPING = """
import time
def pytest_runtest_setup(item):
    if "lif-connected" in item.name and "f32" in item.name:
        time.sleep(600)
"""
ENDED = """
import time
def pytest_runtest_call(item):
    time.sleep(0.1)  # else a kill would seldom meet a row
def pytest_runtest_logfinish(nodeid):
    with open("FILE", "a") as file:
        file.write(nodeid + chr(10))
"""


def saved(folder):
    return [load(path) for path in sorted(folder.glob("saved/*/*.json"))]


def journals(folder):
    return [Journal(path) for path in folder.glob(f"saved/{FOLDER}/*.jsonl")]


def names(rows):
    return sorted(short(row.name) for row in rows)


@pytest.mark.slow  # a whole session whose rows are waited for: five seconds
def test_row_that_dies_hangs_or_has_no_memory_says_so_wherever_rows_are_told_of_and_the_others_run(tmp_path):
    rows = [RUN, "-k", "numpy and (lif or (hh and unconnected and f32))", "--row-limit=2", "-rN"]
    code, output = ran(tmp_path, *rows, f"--junitxml={tmp_path / 'out.xml'}", plugin=DEADLY)
    assert code == 1, output
    (result,) = saved(tmp_path)
    right = "lif-unconnected-numpy-cpu-f64"
    assert names(r for r in result.rows if r.stats) == [right]
    lost = {short(row.name): row.reason for row in result.rows if not row.stats}
    assert lost == {
        "hh-unconnected-numpy-cpu-f32": "its process ended with exit code 0; its last words: planted words",
        "lif-unconnected-numpy-cpu-f32": "MemoryError: planted",
        "lif-connected-numpy-cpu-f64": "took longer than 2 s and was killed (--row-limit)",
        "lif-connected-numpy-cpu-f32": "its process was ended by SIGSEGV",
    }
    (crashed,) = (row.record for row in result.rows if "SIGSEGV" in str(row.reason))
    assert (crashed["model"], crashed["backend"], crashed["cells"]) == ("lif", "numpy-cpu-f32", 64)
    assert all(reason in output for reason in lost.values())
    assert journals(tmp_path) == []
    told = {short(name): (said, failures) for name, said, failures in cases(tmp_path / "out.xml")}
    (said, failures) = told.pop(right)
    assert (said["verdict"], failures) == ("faithful", [])
    assert float(said["rtf"]) == pytest.approx(float(said["ns_per_cell_step"]) * 64 * 40_000 * 1e-9, rel=1e-6)
    assert told == {name: ({"verdict": "unjudged"}, [reason]) for name, reason in lost.items()}


@pytest.mark.slow  # three whole sessions: four seconds
def test_run_that_is_interrupted_and_killed_loses_no_finished_row_and_leaves_no_process(tmp_path):
    code, output = ran(tmp_path, *LIF, plugin=INTERRUPTING)
    assert code == 2, output
    assert "with --resume goes on behind the last finished row" in output
    (partial,) = saved(tmp_path)
    done = ["lif-unconnected-numpy-cpu-f32", "lif-unconnected-numpy-cpu-f64"]
    assert names(row for row in partial.rows if row.stats) == done
    assert {row.record["verdict"] for row in partial.rows if not row.stats} <= {"unjudged"}
    assert json.loads(partial.path.read_text())["partial"]
    (journal,) = journals(tmp_path)
    run = start(tmp_path, *LIF, "--resume", plugin=SLEEPING, stdout=subprocess.DEVNULL)
    assert eventually(lambda: "lif-connected-numpy-cpu-f32" in (journal.read().running or ""))
    run.kill()
    run.wait()
    assert eventually(journal.is_free)
    assert eventually(lambda: str(journal.path) not in environments())
    assert {short(name) for name in journal.read().finished} == {*done, "lif-connected-numpy-cpu-f64"}
    code, output = ran(tmp_path, *LIF, "--resume")
    assert code == 0, output
    (whole,) = saved(tmp_path)
    assert all(row.stats and row.record["verdict"] == "faithful" for row in whole.rows)
    assert len({row.id for row in whole.rows}) == len(whole.rows) == 4
    assert not json.loads(whole.path.read_text())["partial"]
    assert journals(tmp_path) == []


@pytest.mark.slow  # a minute
def test_killing_a_run_at_20_random_moments_loses_no_finished_row(tmp_path):
    """Kill runs, go on with each until it ends, then see that nothing is missing."""
    moments, kills = random.Random(20), 20
    known, ended, rows = set[str](), tmp_path / "ended", ["tests/perf/test_run.py", *LIF[1:]]
    while (
        kills or unfinished(tmp_path) or not saved(tmp_path)
    ):  # a busy machine may have begun none before the last kill
        resume = ["--resume"] if unfinished(tmp_path) else []
        if not resume:
            known = set()
            ended.write_text("")
        run = start(tmp_path, *rows, *resume, plugin=ENDED.replace("FILE", str(ended)), stdout=subprocess.DEVNULL)
        if kills:
            time.sleep(moments.uniform(0.0, 3.0))
            run.kill()
        if run.wait(timeout=100) != -signal.SIGKILL:
            assert run.returncode == 0
            continue
        kills -= 1
        assert eventually(lambda: all(journal.is_free() for journal in journals(tmp_path)))
        for journal in unfinished(tmp_path):
            finished = set(journal.read().finished)
            assert finished >= known, "a finished row was lost"
            assert finished >= set(ended.read_text().splitlines()[:-1]), "more than the row in progress was lost"
            known = finished
    results = saved(tmp_path)
    assert results
    for result in results:
        assert len({row.id for row in result.rows}) == len(result.rows) == 8
        assert all(row.stats and row.record["verdict"] == "faithful" for row in result.rows)


def unfinished(folder):
    """The journals of runs that have not been saved; one that has may outlive a kill, and says so."""
    return [journal for journal in journals(folder) if journal.is_of("x")]


def eventually(holds, seconds=60):
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def environments():
    """The environments that processes of this user were started with, as far as they can be read."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            found.append(path.read_text(errors="replace"))
    return "".join(found)


@pytest.mark.slow  # two whole sessions: three seconds
def test_two_runs_at_once_whose_outputs_are_closed_are_both_saved_whole(tmp_path):
    words = shlex.join(command(RUN, "-k", "lif and unconnected and numpy", folder=tmp_path))
    settings: dict[str, Any] = {"cwd": ROOT, "env": environment(tmp_path), "stderr": subprocess.PIPE, "text": True}
    lines = [f"set -o pipefail; {words} {closed}" for closed in ("| true", ">&-")]
    runs = [subprocess.Popen(["bash", "-c", line], **settings) for line in lines]
    for run in runs:
        _, error = run.communicate(timeout=200)
        assert (run.returncode, error.count("Traceback")) == (0, 0), error
    assert [len(result.rows) for result in saved(tmp_path)] == [2, 2]
    assert journals(tmp_path) == []


@pytest.fixture
def config(pytestconfig, tmp_path):
    """The configuration of a session that is going to be saved, with other options."""

    def with_options(**options):
        option = copy.copy(pytestconfig.option)
        vars(option).update({"benchmark_save": "x", "benchmark_storage": str(tmp_path), **options})
        places = {"invocation_params": pytestconfig.invocation_params, "rootpath": pytestconfig.rootpath}
        plugins = SimpleNamespace(has_plugin=lambda name: False)
        return SimpleNamespace(
            option=option, getoption=vars(option).get, pluginmanager=plugins, stash=pytestconfig.stash, **places
        )

    return with_options


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"resume": True}, "has no run 'x' that ended early"),
        ({"row_limit": math.nan}, "--row-limit nan: expected seconds above 0"),
        ({"benchmark_storage": "/dev/null"}, "--benchmark-storage /dev/null: Not a directory"),
        ({"benchmark_storage": "elasticsearch+http://x/y"}, "expected a folder, file://FOLDER"),
        ({"benchmark_save": None, "row_limit": 3.0}, "for runs that are saved: expected --benchmark-save NAME"),
        ({"benchmark_save": None, "resume": True}, "for runs that are saved: expected --benchmark-save NAME"),
    ],
)
def test_bad_option_is_a_usage_error(config, options, sentence, monkeypatch):
    monkeypatch.setattr(saving, "supervise", lambda *_: pytest.fail("no child may be started"))
    with pytest.raises(pytest.UsageError, match=re.escape(sentence)):
        saving.pytest_cmdline_main(config(**options))


def test_journal_that_a_full_disk_does_not_take_ends_the_run_with_a_sentence(config, monkeypatch):
    def fsync(_):
        raise OSError(28, os.strerror(28))

    def full(arguments, folder, journal, limit, alone):
        monkeypatch.setattr(os, "fsync", fsync)
        with pytest.raises(pytest.exit.Exception, match="No space left on device; the rows that it has") as ended:
            Told(journal.path).start("x", {})
        assert ended.value.returncode == 4
        Child(Told(journal.path)).ended(4)  # writes nothing, and raises nothing
        journal.write(child=2)

    monkeypatch.setattr(saving, "supervise", full)
    with pytest.raises(pytest.UsageError, match=r"x-.*jsonl: cannot be written: No space left on device; the rows"):
        saving.pytest_cmdline_main(config())


def test_journal_that_a_run_still_writes_is_not_gone_on_with(tmp_path):
    journal = Journal.create(tmp_path, "x", {})
    with journal.lock().acquire():
        assert Journal.left_behind(tmp_path, "x") is None
    found = Journal.left_behind(tmp_path, "x")
    assert found is not None
    assert found.path == journal.path
    assert Journal.left_behind(tmp_path, "y") is None
    journal.end()
    assert Journal.left_behind(tmp_path, "x") is None


@settings(max_examples=40)  # each waits for the disk
@given(cut=st.integers(0, 200), text=st.text())
@example(cut=1, text="")
@example(cut=2, text="")  # the last line is broken, whatever is drawn
def test_journal_that_was_cut_off_anywhere_keeps_its_whole_lines(tmp_path_factory, cut, text):
    journal = Journal.create(tmp_path_factory.mktemp("journal"), "x", {"machine": text})
    journal.start("a", {})
    journal.finish("a", "passed", {"name": text})
    kept = journal.path.stat().st_size
    journal.start("b", {})
    journal.finish("b", "passed", {"name": text})
    with journal.path.open("r+b") as file:
        file.truncate(max(kept, journal.path.stat().st_size - cut))
    journal.start("c", {})
    journal.finish("c", "failed", {"name": text}, "reason")
    content = journal.read()
    assert content.header["conditions"] == {"machine": text}
    assert {"a", "c"} <= set(content.finished)
    assert ("b" in content.finished) == (cut <= 1)  # without its end a line is whole
    assert content.running is None


@pytest.mark.parametrize(
    ("code", "words"),
    [(-9, "SIGKILL, which is what the system does where memory runs out"), (-6, "ended by SIGABRT"), (77, "code 77")],
)
def test_cause_of_an_end_is_named(code, words):
    assert words in supervise.cause(code)
