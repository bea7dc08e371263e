"""A run of several processes: all do the same in the same order, and none goes on where one is gone.

Each host has a pytest process of its own, started by the same command. What they say to each other goes by the workers
that run the rows, see `backends.sharded.start.told`. Only process 0 prints, saves, and keeps a journal.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Generator, Sequence, cast

import pytest
from pytest_benchmark.utils import get_commit_info

from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.sharded.remote import over
from neurochip_bench.keep.conditions import conditions, differences
from neurochip_bench.keep.entry import parameters_of
from neurochip_bench.suite.devices import GROUP, lacking
from neurochip_bench.suite.quiet import aloud

if TYPE_CHECKING:
    from neurochip_bench.backends.sharded.remote import RemoteSharded

OF_A_HOST = ("machine", "threads")  # conditions of a run that may differ between its processes
CHOSEN = pytest.StashKey[Sequence[str]]()  # ids of the rows that were asked for, finished ones too
LAST = pytest.StashKey[Any]()  # the program of the row that ran last: a type of `RemoteSharded`
GONE = "the run has lost one of its {} processes: {}; what was finished is kept: the same command in each with --resume"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Remember what was asked for, before what a journal has is left out."""
    config.stash[CHOSEN] = [item.nodeid for item in items]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Compare what all processes are going to do; raises UsageError where they differ.

    Rows that process 0 goes on behind are left out by all.
    """
    config, items = session.config, session.items
    together = next((program for program in map(shared, items) if program), None)
    if together is None or config.option.collectonly:
        return
    rows = [item.nodeid for item in items]
    try:
        first, *others = map(json.loads, together.told(json.dumps({"known": known(config), "rows": rows})))
    except RuntimeError as error:
        apart = f"the processes of this run do not come together: {error}"
        aloud(config, apart)
        pytest.exit(apart, returncode=pytest.ExitCode.TESTS_FAILED)
    for number, other in enumerate(others, 1):
        if differing := differences(other["known"], first["known"]):
            raise pytest.UsageError(f"process {number} of this run has {differing}, as process 0 has")
    items[:] = [item for item in items if item.nodeid in first["rows"]]


def known(config: pytest.Config) -> dict[str, str]:
    """What has to be the same in all processes, by name."""
    here = {name: value for name, value in conditions(config).items() if name not in OF_A_HOST}
    rows = config.stash[CHOSEN]
    digest = hashlib.sha256("\n".join(rows).encode()).hexdigest()[:12]
    return {**here, "commit": str(get_commit_info().get("id")), "rows": f"{len(rows)}, {digest}"}


def shared(item: pytest.Item) -> type[RemoteSharded] | None:
    """The program of a row that all processes run together, None of what each does alone or skips."""
    group, given = item.config.stash[GROUP], parameters_of(item)
    if group.processes == 1 or given.get("backend") not in BACKENDS or "devices" not in given or lacking(item):
        return None
    if BACKENDS[given["backend"]].missing():
        return None
    return cast("type[RemoteSharded]", over(BACKENDS[given["backend"]], given["devices"], group).program)


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Wait until all are at this row, so that none waits in the middle of it for one that still judges the last."""
    program = shared(item)
    if program is None:
        return
    item.config.stash[LAST] = program
    rows = program.told(item.nodeid)
    if len(set(rows)) > 1:
        raise RuntimeError(f"the processes are at different rows: {', '.join(rows)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """End behind a row that lost its group: RuntimeError is what programs say that are gone or cannot be asked."""
    report = yield
    if call.excinfo and isinstance(call.excinfo.value, RuntimeError) and shared(item):
        lost(item.session, GONE.format(item.config.stash[GROUP].processes, call.excinfo.value))
    return report


def lost(session: pytest.Session, sentence: str) -> None:
    """Run no other row, with exit code 1, and say why: process 0 in its summary, the others on stderr."""
    session.shouldfail = sentence
    aloud(session.config, sentence)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Wait for the others, whose last row may need this process's worker."""
    last = session.config.stash.get(LAST, None)
    if last is not None and not (session.shouldfail or session.shouldstop):
        try:
            last.told("end")
        except RuntimeError as error:
            lost(session, GONE.format(session.config.stash[GROUP].processes, error))
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
