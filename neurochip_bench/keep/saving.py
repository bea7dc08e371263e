"""Nothing is lost: a pytest plugin that keeps a journal of a run that is saved, and goes on from one.

The process that was started only watches (`neurochip_bench.keep.supervise`); its child runs the rows.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Generator

import pytest

from neurochip_bench.keep import junit, writing
from neurochip_bench.keep.child import SUPERVISOR, Child, unwritten
from neurochip_bench.keep.conditions import conditions, refuse_other
from neurochip_bench.keep.journal import FOLDER, Journal
from neurochip_bench.keep.kept import Kept
from neurochip_bench.keep.supervise import supervise
from neurochip_bench.keep.words import TRACES

NAME = "neurochip-kept"
LIMIT_S = 3600.0
NOT_A_RUN = ("help", "version", "markers", "showfixtures", "show_fixtures_per_test", "collectonly", "setuponly")
BY_HAND = ("setupplan", "usepdb", "trace", "benchmark_disable")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a run that is saved."""
    group = parser.getgroup("neurochip-bench")
    group.addoption(
        "--resume", action="store_true", help="go on with the run of this --benchmark-save that ended early"
    )
    group.addoption("--row-limit", type=float, default=LIMIT_S, help="seconds after which a row is killed (3600)")


@pytest.hookimpl(wrapper=True, specname="pytest_cmdline_main")
def pytest_cmdline_main_of_child(config: pytest.Config) -> Generator[None, int, int]:
    """In the child of a run that is saved, keep each row, and write at the very end that pytest has ended."""
    child = Child.of_environment()
    if child is None:
        return (yield)
    child.follow_parent(config)
    config.pluginmanager.register(child, f"{NAME}-child")
    kept, code = Kept(config, child.journal), int(pytest.ExitCode.INTERNAL_ERROR)
    try:
        refuse_other(child.journal, config)  # sources may have changed since an earlier child of this run
        config.pluginmanager.register(kept, NAME)
        code = yield
    except pytest.UsageError:
        code = pytest.ExitCode.USAGE_ERROR
        raise
    except KeyboardInterrupt:
        code = pytest.ExitCode.INTERRUPTED
        raise
    finally:
        code = child.ended(code, kept.end)
    return code


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Watch over a child where a run is going to be saved; None leaves the run to this process."""
    if config.pluginmanager.has_plugin(NAME) or hasattr(config, "workerinput"):
        return None  # the child, or a worker of pytest-xdist
    name, option = run_name(config), config.option
    by_hand = any(getattr(option, flag, False) for flag in (*NOT_A_RUN, *BY_HAND))
    writing.check(config)
    if not option.row_limit > 0:
        raise pytest.UsageError(f"--row-limit {option.row_limit:g}: expected seconds above 0")
    if not name or by_hand:
        if option.resume or option.row_limit != LIMIT_S:
            raise pytest.UsageError(
                "--resume and --row-limit are for runs that are saved: expected --benchmark-save NAME"
            )
        return None
    if SUPERVISOR in os.environ:
        raise pytest.UsageError(f"{name} would be saved by a row of a run that is saved: expected one at a time")
    try:
        folder = storage(config)
        journal = resumed(config, name, folder) if option.resume else Journal.create(folder, name, conditions(config))
    except OSError as error:
        raise pytest.UsageError(f"--benchmark-storage {storage(config)}: {error.strerror}") from error
    parameters = config.invocation_params
    alone = (option.processes or 1) == 1
    try:
        code = supervise(parameters.args, parameters.dir, journal, option.row_limit, alone)
    except OSError as error:
        if error.filename != str(journal.path):
            raise
        raise pytest.UsageError(unwritten(error)) from error
    if journal.path.exists() and (left := journal.read()).ended is None:
        junit.write_file(config, left.finished)
    return code


def run_name(config: pytest.Config) -> str | None:
    """What a run is going to be saved as, None if it is not."""
    option = config.option
    automatic = "autosave" if option.benchmark_autosave else None
    return option.benchmark_save or automatic or (option.benchmark_json and Path(option.benchmark_json).stem)


def storage(config: pytest.Config) -> Path:
    """The folder of saved runs, or where `writing.kept_in` says; raises UsageError for a place that is none."""
    place = config.getoption("benchmark_storage").removeprefix("file://")
    if "://" in place:
        raise pytest.UsageError(f"--benchmark-storage {place}: expected a folder, file://FOLDER")
    return writing.kept_in(config, Path(config.invocation_params.dir, place))


def resumed(config: pytest.Config, name: str, folder: Path) -> Journal:
    """The journal to go on with, or a usage error that says why there is none."""
    journal = Journal.left_behind(folder, name)
    if journal is None:
        raise pytest.UsageError(f"--resume: {folder / FOLDER} has no run {name!r} that ended early")
    refuse_other(journal, config)
    return journal


def traces(config: pytest.Config) -> Path | None:
    """The folder for the traces of this run, None if it is not saved."""
    kept = config.pluginmanager.get_plugin(NAME)
    return None if kept is None else kept.journal.path.parents[1] / TRACES / kept.journal.path.stem
