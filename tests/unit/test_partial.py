"""A run that ended early is saved as partial, however it ended, and goes on; a selection that ran to its end is whole.

Sessions run in this process, on rows of a few microseconds.
"""

from __future__ import annotations

import errno
import json
import os

import pytest

from neurochip_bench.keep import tries, writing
from neurochip_bench.keep.entry import Entry
from neurochip_bench.keep.journal import Journal
from neurochip_bench.keep.kept import Kept
from tests.helpers import sessions

pytest_plugins = ["pytester"]

ROWS = "import pytest\n" + "".join(
    f"def test_{name}(benchmark): benchmark.pedantic(int, rounds=1)\n" for name in "abcd"
)


class Stop:
    """A plugin that ends a session in the middle of a row, or behind it; without a name of every row."""

    def __init__(self, how, name):
        self.how, self.name = how, name

    def pytest_runtest_call(self, item):
        if self.name in (None, item.name):
            self.how(item.session)


class Exit:
    """A plugin that ends a session as it finishes, in its own part of that."""

    def __init__(self, returncode):
        self.returncode = returncode

    def pytest_sessionfinish(self):
        pytest.exit("planted at the end", returncode=self.returncode)


class ExitBefore(Exit):
    """The same before anybody else's part of it."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self):
        pytest.exit("planted at the end", returncode=self.returncode)
        yield


class ExitSoon(Exit):
    """The same before rows are there, as where something that was required is absent."""

    def pytest_sessionstart(self):
        pytest.exit("planted at the start", returncode=self.returncode)


def fails(session):
    raise AssertionError("planted")


def skips(session):
    pytest.skip("planted")


def exits(session):
    pytest.exit("planted")


def exits_green(session):
    pytest.exit("planted", returncode=0)


def is_interrupted(session):
    raise KeyboardInterrupt


def stops(session):
    session.shouldstop = "planted"


def stops_as_failed(session):
    session.shouldfail = "planted"


@pytest.fixture(autouse=True)
def light(monkeypatch):
    """The sessions in here."""
    sessions.inline(monkeypatch)


class Session:
    """Runs four rows that are saved, and goes on with them."""

    def __init__(self, pytester):
        self.pytester = pytester
        self.storage = pytester.path / "saved"
        pytester.makepyfile(test_rows=ROWS)
        self.journal = Journal.create(self.storage, "x", {})

    def pytest_configure(self, config):
        self.kept = Kept(config, self.journal)
        config.pluginmanager.register(self.kept)

    @pytest.hookimpl(tryfirst=True)
    def pytest_benchmark_generate_machine_info(self):
        return {"node": "made up"}  # asking takes half a second

    def start(self, *arguments, stop=None, row="test_b", others=()):
        """The exit code of a session, which may be stopped at a row, and has other plugins."""
        options = [f"--benchmark-storage=file://{self.storage}"]
        plugins = [tries, self, *([Stop(stop, row)] if stop else []), *others]
        options += ["--benchmark-save=x", "--benchmark-quiet", *sessions.NO_SEARCH]
        code = self.pytester.inline_run(*options, *arguments, plugins=plugins, no_reraise_ctrlc=True).ret
        return int(self.kept.end(int(code)))

    def run(self, *arguments, **options):
        """The exit code, whether what was saved is partial, and the names of its rows."""
        code = self.start(*arguments, **options)
        (path,) = self.storage.glob("*/*.json")
        saved = json.loads(path.read_text())
        names = [row["name"] for row in (*saved["benchmarks"], *saved["failures"])]
        return code, saved["partial"], "".join(sorted(name[-1] for name in names))


@pytest.fixture
def session(pytester):
    return Session(pytester)


@pytest.mark.parametrize(
    ("arguments", "stop", "code", "rows"),
    [
        (["-x"], fails, 1, "ab"),
        (["--maxfail=1"], fails, 1, "ab"),
        (["--stepwise"], fails, 2, "ab"),
        ([], exits, 2, "a"),
        ([], exits_green, 2, "a"),
        ([], is_interrupted, 2, "a"),
        ([], stops, 2, "ab"),
        ([], stops_as_failed, 1, "ab"),
    ],
)
def test_run_that_ended_early_is_partial_and_goes_on(session, capsys, arguments, stop, code, rows):
    assert session.run(*arguments, stop=stop) == (code, True, rows)
    assert "Ended early: the same command with --resume goes on" in capsys.readouterr().out
    assert not session.journal.read().saved
    failed = stop is fails
    assert session.run() == (int(failed), False, "abcd")  # and the partial file is gone
    assert "Ended early" not in capsys.readouterr().out
    assert session.journal.read().saved


@pytest.mark.parametrize(
    ("arguments", "code", "rows"),
    [
        ([], 0, "abcd"),
        (["-k", "a or c"], 0, "ac"),
        (["--deselect", "test_rows.py::test_b"], 0, "acd"),
        (["test_rows.py::test_c", "test_rows.py::test_a"], 0, "ac"),
        (["-x", "-k", "a or b"], 1, "ab"),
    ],
)
def test_selection_that_ran_to_its_end_is_whole(session, arguments, code, rows):
    assert session.run(*arguments, stop=fails) == (code or int("b" in rows), False, rows)
    assert session.journal.read().saved


def test_run_of_which_nothing_is_left_is_saved_all_the_same(session):
    assert session.run(stop=fails, row=None) == (1, False, "abcd")
    (path,) = session.storage.glob("*/*.json")
    assert [row["reason"] for row in json.loads(path.read_text())["failures"]] == ["AssertionError: planted"] * 4


def test_run_in_which_every_row_is_skipped_saves_nothing_and_is_over(session, capsys):
    assert session.start(stop=skips, row=None) == 0
    assert list(session.storage.glob("*/*.json")) == []
    assert session.journal.read().saved
    assert "4 skipped" in capsys.readouterr().out.splitlines()[-1]


def test_run_whose_disk_filled_is_saved_once_it_is_gone_on_with(session, monkeypatch, capsys):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("neurochip_bench.files.os.replace", full)
        assert session.start(others=[writing]) == 4
    said = "".join(capsys.readouterr())
    assert "x.json: cannot be written: No space left on device; the rows are kept, --resume saves them" in said
    assert list(session.storage.glob("*/*.json")) == []
    assert not session.journal.read().saved
    assert session.run(others=[writing, Stop(fails, None)]) == (0, False, "abcd")  # by no row that ran again


def test_rows_that_failed_last_are_whole_when_they_have_run(session, pytester):
    pytester.makeini("[pytest]\ncache_dir = cache")
    assert session.run(stop=fails) == (1, False, "abcd")
    for path in session.storage.glob("*/*.json"):
        path.unlink()
    session.journal = Journal.create(session.storage, "x", {})
    assert session.run("--last-failed") == (0, False, "b")


def test_run_that_is_cut_short_twice_leaves_one_partial_file(session):
    assert session.run("-x", stop=fails) == (1, True, "ab")
    assert session.run("-x", stop=fails, row="test_c") == (1, True, "abc")
    assert session.run() == (1, False, "abcd")


@pytest.mark.parametrize(("failed", "closing"), [(1, "1 failed, 3 passed"), (2, "2 failed, 2 passed")])
def test_rows_that_failed_in_another_process_are_in_the_closing_line(session, capsys, failed, closing):
    for name in "ab"[:failed]:
        key = f"test_rows.py::test_{name}"
        entry: Entry = {"name": f"test_{name}", "fullname": key, "group": None, "extra_info": {}}
        session.journal.finish(key, "failed", entry, "its process was ended by SIGSEGV")
    assert session.run() == (1, False, "abcd")
    out = capsys.readouterr().out
    assert closing in out.splitlines()[-1]
    assert out.count("FAILED test_rows.py::test_a - its process was ended by SIGSEGV") == 1
    assert ("1 row was run before" if failed == 1 else "2 rows were run before") in out
    assert "resumed" not in out


@pytest.mark.parametrize(("plugin", "returncode", "code"), [(Exit, None, 2), (Exit, 0, 2), (ExitBefore, 7, 7)])
def test_run_that_ended_early_is_partial_where_another_plugin_ends_its_finish_too(
    session, capsys, plugin, returncode, code
):
    run = session.run(stop=stops, others=[plugin(returncode)])
    assert run == (code, True, "ab")
    assert "Ended early: the same command with --resume goes on" in capsys.readouterr().err
    assert session.run() == (0, False, "abcd")  # and the partial file is gone


@pytest.mark.parametrize("plugin", [Exit, ExitBefore])
def test_run_of_which_all_rows_ran_is_whole_where_another_plugin_ends_its_finish(session, capsys, plugin):
    assert session.run(others=[plugin(None)]) == (0, False, "abcd")
    assert "Ended early" not in capsys.readouterr().err
    assert session.journal.read().saved


def test_session_that_ends_before_there_are_rows_leaves_no_run_to_go_on_with(session, capsys):
    assert session.start(others=[ExitSoon(5)]) == 5
    assert session.journal.read().saved
    session.journal = Journal.create(session.storage, "x", {})
    assert session.run("-x", stop=fails) == (1, True, "ab")
    assert session.start(others=[ExitSoon(0)]) == 2
    assert "--resume goes on" in capsys.readouterr().err
    assert not session.journal.read().saved


@pytest.mark.parametrize("going_on", [[], ["--continue-on-collection-errors"]])
def test_run_with_a_file_that_could_not_be_collected_is_partial(session, pytester, going_on):
    assert session.run("-x", stop=fails)[:2] == (1, True)
    broken = pytester.makepyfile(test_broken="import nothing_of_this_name")
    code, partial, rows = session.run(*going_on)
    assert (code in (1, 2), partial, set(rows) >= set("ab")) == (True, True, True)
    broken.unlink()
    assert session.run() == (1, False, "abcd")


def test_usage_error_leaves_no_run_to_go_on_with_unless_rows_have_run(session):
    assert session.start("no_such_file.py") == 4
    assert session.journal.read().saved
    session.journal = Journal.create(session.storage, "x", {})
    session.journal.finish("test_rows.py::test_a", "passed", {"name": "test_a", "fullname": "a", "extra_info": {}})
    assert session.start("no_such_file.py") == 4
    assert not session.journal.read().saved
