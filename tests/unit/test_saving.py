"""Nothing is lost: rows that take their process down, runs that are killed, and going on with them."""

from __future__ import annotations

import contextlib
import copy
import json
import math
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurochip_bench.keep import saving, supervise
from neurochip_bench.keep.child import Child, Told
from neurochip_bench.keep.journal import FOLDER, Journal
from neurochip_bench.keep.saved import load

ROOT = Path(__file__).parents[2]
SAVE = ["--side", "4", "--benchmark-save=x", "--benchmark-quiet", "-p", "tests.helpers.prompt"]
LIF = ["tests/perf/test_run.py", "-k", "lif and numpy", *SAVE]
RUN = ["tests/perf/test_run.py::test_run", *LIF[1:]]
DEADLY = """
import os, signal, time
from neurochip_bench.backends.numpy_reference import NumpyProgram
run = NumpyProgram.run
def deadly(self, *arguments):
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
def pytest_runtest_call(item):
    if item.nodeid == SECOND:
        raise KeyboardInterrupt
"""
ENDED = """
def pytest_runtest_logfinish(nodeid):
    with open("FILE", "a") as file:
        file.write(nodeid + chr(10))
"""
FAILING = """
from neurochip_bench.backends.numpy_reference import NumpyProgram
def failing(self, *arguments):
    raise RuntimeError("planted")
NumpyProgram.run = failing
"""


@pytest.fixture
def start(tmp_path):
    """Starts a run that is saved under `tmp_path / "saved"`, with a plugin if there is one."""

    def begin(*arguments, plugin=""):
        (tmp_path / "planted.py").write_text(plugin)
        command = [sys.executable, "-m", "pytest", "-p", "planted", "-p", "no:cacheprovider", "--color=no", *arguments]
        command[7:7] = ["--benchmark-storage", f"file://{tmp_path / 'saved'}"]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "120"}
        with (tmp_path / "output").open("w") as output:
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)

    return begin


@pytest.fixture
def output(tmp_path):
    """What the last run printed."""
    return (tmp_path / "output").read_text


def saved(folder):
    return [load(path) for path in sorted(folder.glob("saved/*/*.json"))]


def journals(folder):
    return [Journal(path) for path in folder.glob(f"saved/{FOLDER}/*.jsonl")]


def names(rows):
    return sorted(row.name.split("[")[1].split("-n=")[0] for row in rows)


def test_row_that_crashes_hangs_or_has_no_memory_says_so_and_the_others_run(start, output, tmp_path):
    run = start(*RUN, "--row-limit=4", plugin=DEADLY)
    assert run.wait(timeout=100) == 1, output()
    (result,) = saved(tmp_path)
    assert names(r for r in result.rows if r.stats) == ["lif-unconnected-numpy-cpu-f64"]
    lost = {names([row])[0]: row.reason for row in result.rows if not row.stats}
    assert lost == {
        "lif-unconnected-numpy-cpu-f32": "MemoryError: planted",
        "lif-connected-numpy-cpu-f64": "took longer than 4 s and was killed (--row-limit)",
        "lif-connected-numpy-cpu-f32": "its process was ended by SIGSEGV",
    }
    (crashed,) = (row.record for row in result.rows if "SIGSEGV" in str(row.reason))
    assert (crashed["model"], crashed["backend"], crashed["cells"]) == ("lif", "numpy-cpu-f32", 64)
    assert all(reason in output() for reason in lost.values())
    assert journals(tmp_path) == []


def test_run_of_which_nothing_is_left_is_saved_all_the_same(start, tmp_path):
    assert start(*RUN, plugin=FAILING).wait(timeout=100) == 1
    (result,) = saved(tmp_path)
    assert [(row.stats, row.reason) for row in result.rows] == [(None, "RuntimeError: planted")] * 4


def test_killing_a_run_loses_no_finished_row(start, output, tmp_path):
    def first_row_is_finished():
        return any(journal.read().finished for journal in journals(tmp_path))

    kill_and_resume(start, output, tmp_path, 1, RUN, lambda: eventually(first_row_is_finished))


@pytest.mark.slow
def test_killing_a_run_at_20_random_moments_loses_no_finished_row(start, output, tmp_path):
    moments = random.Random(20)
    kill_and_resume(start, output, tmp_path, 20, LIF, lambda: time.sleep(moments.uniform(0.0, 4.0)))


def kill_and_resume(start, output, folder, kills, rows, wait):
    """Kill runs when `wait` returns, go on with each until it ends, then see that nothing is missing."""
    known, ended = set[str](), folder / "ended"
    while kills or unfinished(folder) or not saved(folder):  # a busy machine may have begun none before the last kill
        resume = ["--resume"] if unfinished(folder) else []
        if not resume:
            known = set()
            ended.write_text("")
        run = start(*rows, *resume, plugin=ENDED.replace("FILE", str(ended)))
        if kills:
            wait()
            run.kill()
        if run.wait(timeout=100) != -signal.SIGKILL:
            assert run.returncode == 0, output()
            continue
        kills -= 1
        assert eventually(lambda: all(journal.is_free() for journal in journals(folder)))
        for journal in unfinished(folder):
            finished = set(journal.read().finished)
            assert finished >= known, "a finished row was lost"
            assert finished >= set(ended.read_text().splitlines()[:-1]), "more than the row in progress was lost"
            known = finished
    results = saved(folder)
    assert results
    for result in results:
        assert len({row.id for row in result.rows}) == len(result.rows) == (8 if rows is LIF else 4)
        assert all(row.stats and row.record["verdict"] == "faithful" for row in result.rows)


def unfinished(folder):
    """The journals of runs that have not been saved; one that has may outlive a kill, and says so."""
    return [journal for journal in journals(folder) if journal.is_of("x")]


def test_child_of_a_killed_run_ends_too(start, tmp_path):
    run = start(*RUN, plugin="import time\ndef pytest_runtest_setup(item): time.sleep(600)")
    assert eventually(lambda: any(journal.read().running for journal in journals(tmp_path)))
    (journal,) = journals(tmp_path)
    run.kill()
    run.wait()
    assert eventually(journal.is_free)
    assert eventually(lambda: str(journal.path) not in environments())


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


def test_two_runs_at_once_into_one_storage_are_both_saved_whole(start, output, tmp_path):
    runs = [start(*RUN, "--deselect", f"{RUN[0]}[lif-connected-numpy-cpu-f64-n=64]") for _ in range(2)]
    assert [run.wait(timeout=100) for run in runs] == [0, 0], output()
    assert [len(run.rows) for run in saved(tmp_path)] == [3, 3]


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


def test_interrupted_run_is_saved_as_partial_until_it_has_been_gone_on_with(start, output, tmp_path):
    plugin = INTERRUPTING.replace("SECOND", repr(f"{RUN[0]}[lif-connected-numpy-cpu-f64-n=64]"))
    assert start(*RUN, plugin=plugin).wait(timeout=100) == 2
    assert "with --resume goes on behind the last finished row" in output()
    (partial,) = saved(tmp_path)
    assert names(partial.rows) == ["lif-unconnected-numpy-cpu-f32", "lif-unconnected-numpy-cpu-f64"]
    assert json.loads(partial.path.read_text())["partial"]
    assert start(*RUN, "--resume").wait(timeout=100) == 0, output()
    (whole,) = saved(tmp_path)
    assert len(whole.rows) == 4
    assert not json.loads(whole.path.read_text())["partial"]


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


@given(cut=st.integers(0, 200), text=st.text())
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
