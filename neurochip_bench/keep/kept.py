"""The child of a run that is saved: what its journal has is not run again, what runs goes into it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, Generator, List

import pytest
from filelock import FileLock
from pytest_benchmark.fixture import BenchmarkFixture

from model.network import connectivity
from neurochip_bench.accuracy.verdict import UNJUDGED
from neurochip_bench.keep.journal import Journal
from neurochip_bench.keep.record import Facts, Record, saved_form
from neurochip_bench.keep.words import experiment_of

Entry = Dict[str, Any]  # what a saved run holds of a row: any JSON

CALL = pytest.StashKey[Dict[str, Any]]()  # a row's "outcome", its "entry" and a "reason" or None
RECORDS = pytest.StashKey[List[Facts]]()  # the saved forms of the records of a session's rows


class Kept:
    """The hooks of the child: what the journal has is not run again, what runs goes into it."""

    def __init__(self, config: pytest.Config, journal: Journal) -> None:
        self.config, self.journal = config, journal
        self.before = journal.read().finished
        self.lost: dict[str, Entry] = {}
        self.partial = False

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

        timed = "stats" in entry
        if entry["extra_info"].get("verdict"):
            self.config.stash[RECORDS].append(entry["extra_info"])
        fields = dict.fromkeys(("param", "params", "cprofile_stats")) | entry
        row = Metadata(SimpleNamespace(**fields, has_error=not timed), 1, entry.get("options", {}))
        for seconds in entry["stats"]["data"] if timed else []:
            row.update(seconds)
        session: Any = self.config  # pytest-benchmark keeps its session there, untyped
        session._benchmarksession.benchmarks.append(row)
        if not timed:
            self.lost[entry["fullname"]] = {**entry, "reason": reason}

    def pytest_report_collectionfinish(self) -> str | list[str]:
        """Say how much of the run there is already."""
        return f"resumed: {len(self.before)} rows were run before" if self.before else []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """A row is in the journal before the next one starts."""
        item.stash[CALL] = {"outcome": "skipped", "reason": None, "entry": None}
        self.journal.start(item.nodeid, record_of(item))
        result = yield
        call = item.stash[CALL]
        if call["outcome"] == "failed" and "stats" not in call["entry"]:
            self.add(call["entry"], call["reason"])
        self.journal.finish(item.nodeid, **call)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep the result, and the first of the reasons if it failed."""
        report = yield
        kept, benchmark = item.stash[CALL], (getattr(item, "funcargs", None) or {}).get("benchmark")
        if call.when == "call" and not report.skipped:
            kept.update(outcome="passed", entry=entry_of(item, benchmark))
        if report.failed and kept["outcome"] != "failed":
            entry = kept["entry"] or entry_of(item, benchmark)
            reason = call.excinfo.exconly(tryshort=True) if call.excinfo else str(report.longrepr)
            kept.update(outcome="failed", entry=entry, reason=reason[:1000])
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None, object, object]:
        """Save, one run at a time, so that no two take the same number; the journal is not needed after that."""
        failed = any(row["outcome"] == "failed" for row in self.before.values())
        if failed and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        elif self.before and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.OK
        self.partial = exitstatus == pytest.ExitCode.INTERRUPTED
        folder = self.journal.path.parents[1]
        with FileLock(self.journal.path.parent / "saving.lock"):
            there = set(folder.glob("*/*.json"))
            result = yield
            new = set(folder.glob("*/*.json")) - there
        if self.partial:
            self.journal.write(partial=[str(path) for path in new])
        else:
            for path in self.journal.read().partial:
                Path(path).unlink(missing_ok=True)  # all of it is in the whole run
            self.journal.end()
        return result

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_json(self, output_json: Entry) -> None:
        """Rows that were lost have no times; they stand in a list of their own."""
        output_json["failures"] = list(self.lost.values())
        output_json["partial"] = self.partial

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how an interrupted run goes on, and name the rows that were lost."""
        if self.partial:
            terminalreporter.write_line(
                "Interrupted: the same command with --resume goes on behind the last finished row."
            )
        if self.lost:
            terminalreporter.section("lost")
            for key, entry in self.lost.items():
                terminalreporter.write_line(f"{key}: {entry['reason']}")


def parameters_of(item: pytest.Item) -> dict[str, Any]:  # each of its own type
    """The parameters of a test by name; none of one that has no parameters."""
    return dict(item.callspec.params) if hasattr(item, "callspec") else {}


def record_of(item: pytest.Item) -> Facts:
    """The saved form of what is known of a row before it runs; empty for a test that is no row."""
    given = parameters_of(item)
    if not {"kernel", "connected", "backend", "side"} <= set(given):
        return {}
    return saved_form(
        Record(
            experiment=experiment_of(item.name),
            model=given["kernel"],
            connectivity=connectivity(given["connected"]),
            backend=given["backend"],
            coupling=given.get("coupling"),
            cells=given["side"] ** 3,
            verdict=UNJUDGED,
        )
    )


def entry_of(item: pytest.Item, benchmark: BenchmarkFixture | None) -> Entry:
    """What a saved run holds of a row, with the seconds of each round if there are any."""
    stats = None if benchmark is None or benchmark.has_error else benchmark.stats
    if stats is not None and stats.stats.data:
        return dict(stats.as_dict(include_data=True))
    record = {} if benchmark is None else benchmark.extra_info
    return {
        "group": getattr(benchmark, "group", None),
        "name": item.name,
        "fullname": item.nodeid,
        "extra_info": record,
    }
