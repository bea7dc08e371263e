"""Nothing is lost: a pytest plugin that keeps a journal of a run that is saved, and goes on from one.

The process that was started only watches (`tests.suite.supervise`); its child runs the rows.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from filelock import FileLock

from model.accuracy import UNJUDGED
from model.accuracy.cases import connectivity
from model.backends.host import cores, cpu_name
from tests.suite.journal import FOLDER, Journal
from tests.suite.record import KEYS, SCHEMA, experiment
from tests.suite.summary import RECORDS
from tests.suite.supervise import JOURNAL, follow_parent, supervise

NAME = "neurochip-kept"
CALL = pytest.StashKey[dict]()
LIMIT_S = 3600.0
NOT_A_RUN = ("help", "version", "markers", "showfixtures", "show_fixtures_per_test", "collectonly", "setuponly")
BY_HAND = ("setupplan", "usepdb", "trace", "benchmark_disable")


def pytest_addoption(parser):
    group = parser.getgroup("neurochip-bench")
    group.addoption(
        "--resume", action="store_true", help="go on with the run of this --benchmark-save that ended early"
    )
    group.addoption("--row-limit", type=float, default=LIMIT_S, help="seconds after which a row is killed (3600)")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    """Watch over a child where a run is going to be saved; None leaves the run to this process."""
    name, option = run_name(config), config.option
    resumable = name and not any(getattr(option, flag, False) for flag in (*NOT_A_RUN, *BY_HAND))
    if JOURNAL in os.environ:
        follow_parent()
        return None
    if not resumable:
        if option.resume:
            raise pytest.UsageError("--resume: expected --benchmark-save with the name of the run to go on with")
        return None
    if option.row_limit <= 0:
        raise pytest.UsageError(f"--row-limit {option.row_limit:g}: expected seconds above 0")
    journal = resumed(config, name) if option.resume else Journal.create(storage(config), name, machine())
    parameters = config.invocation_params
    return supervise(parameters.args, parameters.dir, journal, option.row_limit)


def run_name(config):
    """What a run is going to be saved as, None if it is not."""
    option = config.option
    automatic = "autosave" if option.benchmark_autosave else None
    return option.benchmark_save or automatic or (option.benchmark_json and Path(option.benchmark_json).stem)


def storage(config):
    """The folder of saved runs."""
    return Path(config.invocation_params.dir, config.getoption("benchmark_storage").removeprefix("file://"))


def machine():
    """What has to be the same for two parts of a run."""
    return f"{cpu_name()}, {cores()} cores"


def resumed(config, name):
    """The journal to go on with, or a usage error that says why there is none."""
    journal = Journal.left_behind(storage(config), name)
    if journal is None:
        raise pytest.UsageError(f"--resume: {storage(config) / FOLDER} has no run {name!r} that ended early")
    there = journal.read().header["machine"]
    if there != machine():
        raise pytest.UsageError(f"--resume: run {name!r} was begun on {there}: expected this machine, {machine()}")
    return journal


def traces(config):
    """The folder for the traces of this run, None if it is not saved."""
    kept = config.pluginmanager.get_plugin(NAME)
    return None if kept is None else kept.journal.path.parents[1] / "traces" / kept.journal.path.stem


def pytest_configure(config):
    path = os.environ.pop(JOURNAL, None)
    if path is not None:
        config.pluginmanager.register(Kept(config, Journal(path)), NAME)


class Kept:
    """The hooks of the child: what the journal has is not run again, what runs goes into it."""

    def __init__(self, config, journal):
        self.config, self.journal = config, journal
        self.before = journal.read().finished
        self.lost: dict = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items):
        """Leave out what has been run, and take its results."""
        done = [item for item in items if item.nodeid in self.before]
        if done:
            self.config.hook.pytest_deselected(items=done)
            items[:] = [item for item in items if item.nodeid not in self.before]
        for row in self.before.values():
            self.add(row["entry"], row["reason"])

    def add(self, entry, reason):
        """Let pytest-benchmark hold a row that another process ran, or one that was lost."""
        from pytest_benchmark.stats import Metadata

        timed = "stats" in entry
        if entry["extra_info"].get("verdict"):
            self.config.stash[RECORDS].append(entry["extra_info"])
        fields = dict.fromkeys(("param", "params", "cprofile_stats")) | entry
        row = Metadata(SimpleNamespace(**fields, has_error=not timed), 1, entry.get("options", {}))
        for seconds in entry["stats"]["data"] if timed else []:
            row.update(seconds)
        self.config._benchmarksession.benchmarks.append(row)
        if not timed:
            self.lost[entry["fullname"]] = {**entry, "reason": reason}

    def pytest_report_collectionfinish(self):
        """Say how much of the run there is already."""
        return f"resumed: {len(self.before)} rows were run before" if self.before else []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
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
    def pytest_runtest_makereport(self, item, call):
        """Keep the result, and the first of the reasons if it failed."""
        report = yield
        kept, benchmark = item.stash[CALL], (getattr(item, "funcargs", None) or {}).get("benchmark")
        if call.when == "call" and not report.skipped:
            kept.update(outcome="passed", entry=entry_of(item, benchmark))
        if report.failed and kept["outcome"] != "failed":
            entry = kept["entry"] or entry_of(item, benchmark)
            kept.update(outcome="failed", entry=entry, reason=call.excinfo.exconly(tryshort=True)[:1000])
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session, exitstatus):
        """Save, one run at a time, so that no two take the same number; the journal is not needed after that."""
        failed = any(row["outcome"] == "failed" for row in self.before.values())
        if failed and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        elif self.before and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.OK
        with FileLock(self.journal.path.parent / "saving.lock"):
            result = yield
        if exitstatus != pytest.ExitCode.INTERRUPTED:
            self.journal.end()
        return result

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_json(self, output_json):
        """Rows that were lost have no times; they stand in a list of their own."""
        output_json["failures"] = list(self.lost.values())

    def pytest_terminal_summary(self, terminalreporter):
        """Name what was lost."""
        if self.lost:
            terminalreporter.section("lost")
            for key, entry in self.lost.items():
                terminalreporter.write_line(f"{key}: {entry['reason']}")


def record_of(item):
    """What is known of a row before it runs."""
    given = item.callspec.params if hasattr(item, "callspec") else {}
    if not {"kernel", "connected", "backend", "side"} <= set(given):
        return {}
    return {
        **dict.fromkeys(KEYS),
        "schema": SCHEMA,
        "experiment": experiment(item.name),
        "model": given["kernel"],
        "connectivity": connectivity(given["connected"]),
        "backend": given["backend"],
        "coupling": given.get("coupling"),
        "cells": given["side"] ** 3,
        "verdict": UNJUDGED,
    }


def entry_of(item, benchmark):
    """What a saved run holds of a row, with the seconds of each round if there are any."""
    timed = benchmark is not None and benchmark.stats is not None and not benchmark.has_error
    if timed and benchmark.stats.stats.data:
        return benchmark.stats.as_dict(include_data=True)
    record = {} if benchmark is None else benchmark.extra_info
    return {
        "group": getattr(benchmark, "group", None),
        "name": item.name,
        "fullname": item.nodeid,
        "extra_info": record,
    }
