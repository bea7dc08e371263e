"""A row that is run again, whatever plugin asks for it: the last try replaces those before, and its record counts them.

pytest-rerunfailures and flaky run a test again under its id. pytest-repeat makes tests of their own, whose ids say
"1-3", "2-3" and "3-3": they are tries of one row too, since a row by another id compares with no other run.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Generator

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from neurochip_bench.keep.entry import parameters_of
from neurochip_bench.keep.record import Facts, note

REPEATED = "__pytest_repeat_step_number"  # the parameter that pytest-repeat adds, counted from 0
RECORDS = pytest.StashKey[Dict[str, Facts]]()  # of a session's rows by their ids: the saved forms of their records
TRIES = pytest.StashKey[Dict[str, int]]()  # how often each row of a session was begun


def without_repeat(text: str, item: pytest.Item) -> str:
    """A test's name or id without the part that pytest-repeat put into its brackets."""
    step = parameters_of(item).get(REPEATED)
    if step is None:
        return text
    part = rf"{step + 1}-\d+"
    return re.sub(rf"\[{part}\]$|(?<=\[){part}-|-{part}(?=\]$)", "", text, count=1)


def row_id(item: pytest.Item) -> str:
    """What saved runs are compared by: the id of a test, the same for each try."""
    return without_repeat(item.nodeid, item)


def forget(config: pytest.Config, key: str) -> None:
    """Drop the times and the record that an earlier try of a row left."""
    untyped: Any = config  # pytest-benchmark keeps its session there
    benchmarks = untyped._benchmarksession.benchmarks
    benchmarks[:] = [kept for kept in benchmarks if kept.fullname != key]
    config.stash[RECORDS].pop(key, None)


def pytest_configure(config: pytest.Config) -> None:
    """No row has been begun."""
    config.stash[RECORDS], config.stash[TRIES] = {}, {}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Count a try; what those before it left does not count."""
    key, tries = row_id(item), item.config.stash[TRIES]
    tries[key] = tries.get(key, 0) + 1
    if tries[key] > 1:
        forget(item.config, key)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """A repeated row is saved under its own id."""
    made = yield
    if isinstance(made, BenchmarkFixture):
        made.name, made.fullname = without_repeat(request.node.name, request.node), row_id(request.node)
    return made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Function) -> Generator[None, object, object]:
    """A row's record says which try it tells of, also where the row fails."""
    try:
        return (yield)
    finally:
        benchmark = item.funcargs.get("benchmark")  # a test may have another fixture of that name
        if isinstance(benchmark, BenchmarkFixture) and "schema" in benchmark.extra_info:
            note(benchmark.extra_info, tries=item.config.stash[TRIES][row_id(item)])
