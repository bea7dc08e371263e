"""The child of a run that is saved: what its journal has is not run again, what runs goes into it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, Generator

import pytest
from filelock import FileLock

from neurochip_bench.keep import junit
from neurochip_bench.keep.entry import Entry, entry_of, record_of
from neurochip_bench.keep.journal import Journal
from neurochip_bench.keep.tries import RECORDS, TRIES, forget, row_id, without_repeat

EARLY = "Ended early: the same command with --resume goes on behind the last finished row."
CALL = pytest.StashKey[Dict[str, Any]]()  # a row's "outcome", "entry", "reason" or None, and "seconds"


class Kept:
    """The hooks of the child: what the journal has is not run again, what runs goes into it."""

    def __init__(self, config: pytest.Config, journal: Journal) -> None:
        self.config, self.journal = config, journal
        self.before = journal.read().finished
        self.lost: dict[str, Entry] = {}
        self.asked: list[str] | None = None  # ids of all rows that are to run, None while it is not known
        self.ended: set[str] = set()
        self.partial = self.closed = self.said = False

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, object, object]:
        """See what is going to run; where a file could not be collected, its rows are not among it."""
        result = yield
        if not session.testsfailed:
            self.asked = [item.nodeid for item in session.items]
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what has been run, and take its results."""
        done = [item for item in items if item.nodeid in self.before]
        if done:
            self.config.hook.pytest_deselected(items=done)
            items[:] = [item for item in items if item.nodeid not in self.before]
        for row in self.before.values():
            self.add(row["entry"], row["reason"])

    def add(self, entry: Entry, reason: str | None) -> None:
        """Let pytest-benchmark hold a row that another process ran, or one that was lost."""
        from pytest_benchmark.stats import Metadata

        timed, key, record = "stats" in entry, entry["fullname"], entry["extra_info"]
        forget(self.config, key)
        self.lost.pop(key, None)
        self.config.stash[TRIES][key] = record.get("tries") or 1
        if record.get("verdict"):
            self.config.stash[RECORDS][key] = record
        fields = dict.fromkeys(("param", "params", "cprofile_stats")) | entry
        row = Metadata(SimpleNamespace(**fields, has_error=not timed), 1, entry.get("options", {}))
        for seconds in entry["stats"]["data"] if timed else []:
            row.update(seconds)
        session: Any = self.config  # pytest-benchmark keeps its session there, untyped
        session._benchmarksession.benchmarks.append(row)
        if not timed:
            self.lost[key] = {**entry, "reason": reason}

    def pytest_report_collectionfinish(self) -> str | list[str]:
        """Say how much of the run there is already, from an earlier command or a process that a row took down."""
        count = len(self.before)
        return f"{count} row{'s were' if count > 1 else ' was'} run before, in another process" if count else []

    def begin(self, item: pytest.Item, tries: int) -> None:
        """Write that a try of a row begins, of which nothing is known yet."""
        item.stash[CALL] = {"outcome": "skipped", "reason": None, "entry": None, "seconds": 0.0}
        self.journal.start(item.nodeid, record_of(item, tries))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """A row is in the journal before the next one starts."""
        self.begin(item, self.config.stash[TRIES].get(row_id(item), 0) + 1)
        result = yield
        call = item.stash[CALL]
        if call["outcome"] == "failed" and "stats" not in call["entry"]:
            self.add(call["entry"], call["reason"])
        self.journal.finish(item.nodeid, **call)
        self.ended.add(item.nodeid)
        return result

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """What an earlier try of a row left does not count; they have been counted before (`keep/tries.py`)."""
        tries = self.config.stash[TRIES][row_id(item)]
        if tries > 1:
            self.lost.pop(row_id(item), None)
            self.begin(item, tries)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep the result, and the first of the reasons if it failed."""
        report = yield
        kept, benchmark = item.stash[CALL], (getattr(item, "funcargs", None) or {}).get("benchmark")
        entry = entry_of(without_repeat(item.name, item), row_id(item), benchmark)
        kept["seconds"] += report.duration
        if call.when == "call" and not report.skipped:
            kept.update(outcome="passed", entry=entry)
        if report.failed and kept["outcome"] != "failed":
            reason = call.excinfo.exconly(tryshort=True) if call.excinfo else str(report.longrepr)
            kept.update(outcome="failed", entry=kept["entry"] or entry, reason=reason[:1000])
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None, object, object]:
        """Save before other plugins' part of it, any of which may end the session."""
        self.save(exitstatus)
        session.exitstatus = self.exit_code(exitstatus)
        junit.add_to_file(self.config, self.before)
        return (yield)

    def save(self, exitstatus: int) -> None:
        """Save, one run at a time, so that no two take the same number; the journal is not needed after that."""
        self.partial, self.closed = self.is_partial(exitstatus), True
        folder = self.journal.path.parents[1]
        untyped: Any = self.config  # pytest-benchmark keeps its session there
        with FileLock(self.journal.path.parent / "saving.lock"):
            there = set(folder.glob("*/*.json"))
            untyped._benchmarksession.handle_saving()
            untyped._benchmarksession.handle_saving = lambda: None  # else it saves again in its own part
            new = set(folder.glob("*/*.json")) - there
        if new or not self.partial:
            for path in self.journal.read().partial:
                Path(path).unlink(missing_ok=True)  # all of it is in the new file
        if self.partial:
            self.journal.write(partial=[str(path) for path in new])
        else:
            self.journal.end()

    def end(self, code: int) -> int:
        """Once pytest has come to its end, do what did not come about before; the exit code of the whole run."""
        if not self.closed and not self.journal.read().finished:
            self.journal.end()  # nothing began, as after a wrong option
            return code
        if not self.closed and self.asked is not None:
            self.save(code)
        self.partial = self.partial or not self.closed
        if self.partial and not self.said:
            print(EARLY, file=sys.stderr)
        return self.exit_code(code) if self.closed else code or pytest.ExitCode.INTERRUPTED

    def is_partial(self, exitstatus: int) -> bool:
        """Whether something that was asked for did not run to its end, whatever kept it from that."""
        if exitstatus == pytest.ExitCode.USAGE_ERROR and not self.journal.read().finished:
            return False  # nothing began
        return self.asked is None or not self.ended.issuperset(self.asked)

    def exit_code(self, exitstatus: int) -> int:
        """The exit code of the whole run: never 0 where a row failed before or has not run."""
        failed = any(row["outcome"] == "failed" for row in self.before.values())
        if failed and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return pytest.ExitCode.TESTS_FAILED
        if self.partial and exitstatus == pytest.ExitCode.OK:
            return pytest.ExitCode.INTERRUPTED
        if self.before and not self.partial and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            return pytest.ExitCode.OK
        return exitstatus

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_json(self, output_json: Entry) -> None:
        """Rows that were lost have no times; they stand in a list of their own."""
        output_json["failures"] = list(self.lost.values())
        output_json["partial"] = self.partial

    def failed_before(self) -> list[pytest.TestReport]:
        """A report for each row that failed in another process, so that the closing line counts it."""
        failed = {key: row for key, row in self.before.items() if row["outcome"] == "failed"}
        return [
            pytest.TestReport(key, (key.partition("::")[0], None, key), {}, "failed", row["reason"], "call")
            for key, row in failed.items()
        ]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how a run that ended early goes on, and name the rows that were lost."""
        if self.partial:
            terminalreporter.write_line(EARLY)
            self.said = True
        terminalreporter._add_stats("failed", self.failed_before())  # pytest has no public way; it colours the line too
        if self.lost:
            terminalreporter.section("lost")
            for key, entry in self.lost.items():
                terminalreporter.write_line(f"{key}: {entry['reason']}")
