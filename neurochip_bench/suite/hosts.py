"""A run of several processes: all do the same in the same order, and none goes on where one is gone.

Each host has a pytest process of its own, started by the same command. What they say to each other goes by the workers
that run the rows, see `backends.sharded.start.told`. Only process 0 prints, saves, and keeps a journal.
"""

from __future__ import annotations

import json
from functools import partial
from itertools import starmap, zip_longest
from typing import TYPE_CHECKING, Any, Dict, Generator, Mapping, cast

import pytest
from pytest_benchmark.utils import get_commit_info

from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.remote.worker import living_at
from neurochip_bench.backends.sharded.remote import over, told_by
from neurochip_bench.keep.conditions import conditions, differences
from neurochip_bench.keep.entry import parameters_of
from neurochip_bench.keep.saving import run_name
from neurochip_bench.suite.devices import GROUP, lacking
from neurochip_bench.suite.quiet import aloud

if TYPE_CHECKING:
    from neurochip_bench.backends.sharded.remote import RemoteSharded

OF_A_HOST = ("machine", "threads")  # conditions of a run that may differ between its processes
ANY = "jax-cpu-f32"  # a backend by whose program a process meets the others that runs no row
ENDED = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED)  # by running all rows
GONE = "the run has lost one of its {} processes: {}; {}"
APART = "the {} processes of this run cannot go on together: {}; {}"
END = "the end"  # which is told in place of a row
RESUME = "the same command in each with --resume"

CHOSEN = pytest.StashKey[Dict[str, str]]()  # rows that were asked for, finished ones too: why each is skipped, or ""
LEFT = pytest.StashKey[bool]()  # whether there are rows behind the one in progress
LOST = pytest.StashKey[str]()  # what is said of a process that is gone


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Remember what was asked for, before what a journal has is left out."""
    config.stash[CHOSEN] = {item.nodeid: skipped(item) for item in items}


def skipped(item: pytest.Item) -> str:
    """Why a row is skipped here, "" of one that is run."""
    mark = item.get_closest_marker("skip")
    return "" if mark is None else str(mark.kwargs.get("reason", "skipped"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Compare what all processes are going to do; raises UsageError where they differ.

    A process that runs none of them comes too, and says so. Rows that process 0 goes on behind are left out by all.
    """
    config, items = session.config, session.items
    if config.stash[GROUP].processes == 1 or config.option.collectonly or CHOSEN not in config.stash:
        return
    together, where = meeting(session), config.stash[GROUP].coordinator
    mine = {"known": known(config), "chosen": config.stash[CHOSEN], "left": [item.nodeid for item in items]}
    try:
        first, *others = map(json.loads, together.told(json.dumps(mine)))
    except RuntimeError as error:
        apart = f"the processes of this run do not come together at {where}: {in_one_line(error)}"
        config.stash[LOST] = apart
        pytest.exit(apart, returncode=pytest.ExitCode.TESTS_FAILED)
    for number, other in enumerate(others, 1):
        if sentence := disagree(number, other, first):
            raise pytest.UsageError(sentence)
    items[:] = [item for item in items if item.nodeid in first["left"]]
    watch(session, together)


def meeting(session: pytest.Session) -> type[RemoteSharded]:
    """The program by whose worker a process meets the others: that of its first row, or any.

    Raises UsageError where there is none.
    """
    group = session.config.stash[GROUP]
    if why := BACKENDS[ANY].missing():
        raise pytest.UsageError(f"process {group.process} of this run cannot meet the others: {why}")
    found = next((program for program in map(shared, session.items) if program), None)
    return found or cast("type[RemoteSharded]", over(BACKENDS[ANY], group.processes, group).program)


def known(config: pytest.Config) -> dict[str, str]:
    """What has to be the same in all processes beside their rows, by name."""
    here = {name: value for name, value in conditions(config).items() if name not in OF_A_HOST}
    return {**here, "commit": str(get_commit_info().get("id")), "maxfail": str(config.option.maxfail)}


def disagree(number: int, other: Mapping[str, Any], first: Mapping[str, Any]) -> str | None:  # of JSON's values
    """None, or in which of what they said another process differs from process 0."""
    there, here = other["chosen"], first["chosen"]
    rows = (({f"row {n}": mine}, {f"row {n}": ours}) for n, (mine, ours) in enumerate(zip_longest(there, here), 1))
    differing = differences(other["known"], first["known"]) or next(filter(None, starmap(differences, rows)), "")
    if differing:
        return f"process {number} of this run has {differing}, as process 0 has"
    for row in here:
        if bool(there[row]) != bool(here[row]):
            skips, runs = (number, 0) if there[row] else (0, number)
            return f"process {skips} of this run skips {row}, which process {runs} runs: {there[row] or here[row]}"
    return None


def shared(item: pytest.Item) -> type[RemoteSharded] | None:
    """The program of a row that all processes run together, None of what each does alone or skips."""
    group, given = item.config.stash[GROUP], parameters_of(item)
    if group.processes == 1 or given.get("backend") not in BACKENDS or "devices" not in given or lacking(item):
        return None
    if BACKENDS[given["backend"]].missing():
        return None
    return cast("type[RemoteSharded]", over(BACKENDS[given["backend"]], given["devices"], group).program)


def watch(session: pytest.Session, program: type[RemoteSharded]) -> None:
    """From now on say at once where a process is gone, also while a row is judged here, which takes its time."""
    program.worker().watch(partial(lost, session, at_once=True))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Know whether anything is left to do behind this row."""
    item.config.stash[LEFT] = nextitem is not None


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Wait until all are at this row, so that none waits in the middle of it for one that still judges the last."""
    program = shared(item)
    if program is None:
        return
    rows = program.told(item.nodeid)
    watch(item.session, program)
    if len(set(rows)) > 1:
        why = f"they are at different rows, {', '.join(rows)}"
        lost(item.session, why, APART)
        raise RuntimeError(why)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """End behind a row in which this process's worker failed: the others may be in an exchange with it for ever."""
    report = yield
    worker = living_at(item.config.stash[GROUP].coordinator)
    if call.excinfo and worker and (why := worker.ended or worker.failed):
        lost(item.session, why, GONE if worker.ended else APART)
    return report


def in_one_line(text: object) -> str:
    """What JAX says in several lines."""
    return " / ".join(line.strip() for line in str(text).splitlines())


def lost(session: pytest.Session, why: str, how: str = GONE, at_once: bool = False) -> None:
    """Run no other row, with exit code 1, and say why, once: process 0 in pytest's summary, unless `at_once`."""
    config = session.config
    sentence = how.format(config.stash[GROUP].processes, in_one_line(why), what_is_kept(config))
    if config.stash.setdefault(LOST, sentence) is sentence:
        session.shouldfail = sentence
        aloud(config, sentence, at_once)


def what_is_kept(config: pytest.Config) -> str:
    """What becomes of rows that are finished, and how those behind them are run."""
    left, saved = config.stash.get(LEFT, False), run_name(config) is not None
    if left:
        return f"what was finished is kept: {RESUME} goes on" if saved else "no other row is run"
    if saved and config.stash[GROUP].process:
        return f"no row was left to run here; if process 0 has not saved them all, {RESUME} goes on"
    return "no row was left to run"


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Wait for the others, whose last row may need this process's worker, and leave it with them."""
    config, group = session.config, session.config.stash[GROUP]
    worker = living_at(group.coordinator)
    if worker is None or LOST in config.stash or exitstatus not in ENDED:
        return
    if group.process and config.stash[CHOSEN] and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK  # process 0 goes on behind the last row
    try:
        told_by(worker, group, END)
        worker.close()
    except RuntimeError as error:
        lost(session, str(error))
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
