"""The fixtures of rows of seconds of model time: a pytest plugin."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from model.arrays import Codes, Reals
from neurochip_bench.keep import saving
from neurochip_bench.keep.tries import RECORDS
from neurochip_bench.suite import long
from neurochip_bench.suite.devices import chosen
from neurochip_bench.suite.keeping import Kept
from neurochip_bench.suite.long_truth import LongTruths
from neurochip_bench.suite.progress import progress

if TYPE_CHECKING:
    from neurochip_bench.backends import Backend


@pytest.fixture(scope="session")
def long_truths(request: pytest.FixtureRequest, kept_runs: Kept) -> LongTruths:
    """The float64 runs of long rows."""
    return LongTruths(kept_runs, partial(progress, request.config))


@pytest.fixture
def long_row(
    request: pytest.FixtureRequest,
    benchmark: BenchmarkFixture,
    long_truths: LongTruths,
    kernel: str,
    connected: bool,
    backend: Backend,
    side: int,
    coupling: str | None,
    devices: int,
) -> Callable[..., long.LongRow]:
    """A function that gives the row of a run of so many milliseconds, or of fewer with --quick."""

    def make(milliseconds: int, quick: int, stimulus: Reals | None = None) -> long.LongRow:
        row = long.LongRow(
            *(benchmark, chosen(request.config, backend, devices), kernel, side, connected, coupling),
            truths=long_truths,
            milliseconds=quick if request.config.option.quick else milliseconds,
            stimulus=stimulus,
            progress=partial(progress, request.config),
        )
        if refusal := row.refusal():
            pytest.skip(refusal)
        request.config.stash[RECORDS][benchmark.fullname] = benchmark.extra_info
        return row

    return make


@pytest.fixture
def keep_traces(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keeps the traces of a row beside the saved runs, if the run is saved."""

    def write(row: long.LongRow, **arrays: Reals | Codes) -> None:
        folder = saving.traces(request.config)
        if folder is not None:
            path = long.keep_traces(folder, request.node.name, row.record, **arrays)
            row.note(traces=str(path.relative_to(folder.parent.parent)))

    return write
