"""A row that is run again: the last try counts, everywhere, and the record says how many there were."""

from __future__ import annotations

import importlib.util
import json
from types import SimpleNamespace

import pytest

from neurochip_bench.keep import tries
from neurochip_bench.keep.journal import Journal
from neurochip_bench.keep.kept import Kept
from neurochip_bench.keep.record import Record
from neurochip_bench.keep.saved import load
from neurochip_bench.suite import summary
from tests.helpers import sessions
from tests.helpers.commands import compare
from tests.helpers.saved_runs import failure, row, save, timed

pytest_plugins = ["pytester"]

RERUNFAILURES = importlib.util.find_spec("pytest_rerunfailures") is not None  # tox -e tests has it
RERUNNING = """
from _pytest.runner import runtestprotocol
def pytest_runtest_protocol(item, nextitem):
    reports = runtestprotocol(item, nextitem=nextitem, log=False)
    if any(report.failed for report in reports):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    return True
"""
WRONG_AT_FIRST = """
from neurochip_bench.backends.numpy_reference import NumpyProgram
run, tried = NumpyProgram.run, []
def wrong(self, *arguments):
    result = run(self, *arguments)
    if self.dtype == "float32" and len(tried) == 1:
        result.first[:] += 1.0
    return result
NumpyProgram.run = wrong
def pytest_runtest_setup(item):
    tried[:] = [name for name in tried if name == item.name] + [item.name]
"""
REPEATING = """
def pytest_generate_tests(metafunc):
    metafunc.fixturenames.append("__pytest_repeat_step_number")
    metafunc.parametrize("__pytest_repeat_step_number", [0, 1], ids=["1-2", "2-2"])
"""


def test_row_that_is_wrong_at_first_and_right_at_last_is_right_and_says_its_tries(tmp_path):
    plugin = sessions.TELLING + WRONG_AT_FIRST + ("" if RERUNFAILURES else RERUNNING)
    again = ["-p", "pytest_rerunfailures", "--reruns=2"] if RERUNFAILURES else []
    rows = [sessions.RUN, "-k", "lif and unconnected and numpy", *again]
    code, output = sessions.ran(tmp_path, *rows, plugin=plugin, save=False)
    assert code == 0, output
    found = {record["precision"]: (record["verdict"], record["tries"]) for record in sessions.told(output).values()}
    assert found == {"f64": ("faithful", 1), "f32": ("faithful", 2)}
    assert "  2 tries: lif unconnected 64 cells on numpy-cpu-f32" in output
    assert "unusable" not in output


def entries(path):
    saved = json.loads(path.read_text())
    return [*saved["benchmarks"], *saved["failures"]]


@pytest.fixture(autouse=True)
def light(monkeypatch):
    """The sessions in here."""
    sessions.inline(monkeypatch)


class Session:
    """Runs one row that is saved, under a plugin for retries."""

    def __init__(self, pytester, plugin, body):
        self.pytester, self.storage = pytester, pytester.path / "saved"
        pytester.makepyfile(test_rows=f"tried = []\ndef test_a(benchmark):\n    tried.append(1)\n    {body}\n")
        pytester.makepyfile(planted=plugin)
        pytester.syspathinsert()
        self.journal = Journal.create(self.storage, "x", {})

    def pytest_configure(self, config):
        config.pluginmanager.register(Kept(config, self.journal))

    @pytest.hookimpl(tryfirst=True)
    def pytest_benchmark_generate_machine_info(self):
        return {"node": "made up"}  # asking takes half a second

    def run(self, *arguments):
        """The exit code, and what is saved."""
        options = ["-p", "neurochip_bench.keep.tries", "-p", "planted", f"--benchmark-storage=file://{self.storage}"]
        options += ["--benchmark-save=x", "--benchmark-quiet", *sessions.NO_SEARCH]
        result = self.pytester.inline_run(*options, *arguments, plugins=[self])
        (path,) = self.storage.glob("*/*.json")
        return int(result.ret), entries(path)


ROUNDS = "benchmark.extra_info.update(schema=1); benchmark.pedantic(int, rounds=len(tried));"


@pytest.mark.parametrize(
    ("plugin", "body", "code", "rounds", "reason"),
    [
        (RERUNNING, f"{ROUNDS} assert len(tried) > 1", 0, 2, None),
        (RERUNNING, f"assert len(tried) > 1; {ROUNDS}", 0, 2, None),
        (RERUNNING, f"assert len(tried) < 2; {ROUNDS} assert 0", 1, None, "assert 2 < 2"),
        (RERUNNING, f"{ROUNDS} assert 0", 1, 2, None),
        (REPEATING, ROUNDS, 0, 2, None),
        (REPEATING, f"assert len(tried) > 1; {ROUNDS}", 1, 2, None),
    ],
)
def test_last_try_replaces_the_first_whatever_became_of_it(pytester, plugin, body, code, rounds, reason):
    session = Session(pytester, plugin, body)
    ended, (entry,) = session.run()
    assert (ended, entry["fullname"], entry["name"]) == (code, "test_rows.py::test_a", "test_a")
    assert entry.get("stats", {}).get("rounds") == rounds
    assert reason is None or reason in entry["reason"]
    assert entry["extra_info"].get("tries") == (None if reason else 2)  # it never came to its record
    (last,) = list(session.journal.read().finished.values())[-1:]
    assert last["entry"].get("stats", {}).get("rounds") == rounds


def test_repeats_before_and_behind_an_interruption_are_tries_of_one_row(pytester):
    session = Session(pytester, REPEATING, f"{ROUNDS} tried[1:] and __import__('pytest').exit('planted')")
    assert session.run()[0] == 2
    pytester.makepyfile(test_rows=f"tried = [1, 2]\ndef test_a(benchmark):\n    {ROUNDS}\n")
    ended, (entry,) = session.run()
    assert (ended, entry["extra_info"]["tries"], entry["stats"]["rounds"]) == (0, 2, 2)


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("test_a[2-3]", "test_a"),
        ("test_a[lif-n=64-2-3]", "test_a[lif-n=64]"),
        ("test_a[2-3-lif-n=64]", "test_a[lif-n=64]"),
        ("test_a[lif-1-3]", "test_a[lif-1-3]"),
    ],
)
def test_part_that_pytest_repeat_put_into_an_id_is_left_out(name, left):
    item = SimpleNamespace(callspec=SimpleNamespace(params={tries.REPEATED: 1}))
    assert tries.without_repeat(name, item) == left
    item.callspec.params = {"kernel": "lif"}
    assert tries.without_repeat(name, item) == name


def test_summary_names_rows_that_were_run_again_alone():
    said = summary.lines([Record(model="lif", cells=64, tries=1), Record(model="hh", cells=64, tries=3)], 100)
    assert [line for line in said if "tries" in line] == ["  3 tries: hh None 64 cells on None"]


def test_id_that_stands_in_a_file_twice_is_said_and_is_one_process(tmp_path, capsys):
    twice = save(tmp_path / "twice.json", [timed(verdict="unusable", seconds=[1.0]), timed(seconds=[2.0])])
    once = save(tmp_path / "once.json", [timed(seconds=[2.0])])
    run = load(twice)
    assert [(row.record.verdict, row.rounds) for row in run.rows] == [("faithful", [2.0])]
    assert compare([str(twice), str(once)]) == 0
    said = f"{twice}: ids that stand there more than once count once, by the last: {run.rows[0].id}"
    out = capsys.readouterr().out
    assert said in " ".join(out.split())
    assert compare([str(once), str(once)]) == 0
    assert "more than once" not in capsys.readouterr().out


def test_row_that_was_timed_and_failed_in_one_file_has_failed(tmp_path):
    assert [row.word for row in load(save(tmp_path / "a.json", [row()], [failure()])).rows] == ["failed"]
