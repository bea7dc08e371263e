"""What benchmarks and tests are handed: a backend, the truth, and a row that times and judges a network on it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from neurochip_bench.accuracy.reference import References
from neurochip_bench.backends import BACKENDS
from neurochip_bench.keep.own import NETWORKS
from neurochip_bench.keep.tries import RECORDS
from neurochip_bench.suite.devices import chosen, load
from neurochip_bench.suite.keeping import Kept
from neurochip_bench.suite.own_row import OwnRow
from neurochip_bench.suite.own_truth import OwnTruths
from neurochip_bench.suite.progress import progress
from neurochip_bench.suite.row import Row
from neurochip_bench.suite.truth import FOLDER, Truths

if TYPE_CHECKING:
    from neurochip_bench.backends import Backend


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> Backend:
    """The backend of a row or of a test that runs on each, its library loaded, unless rows have it over devices."""
    found = BACKENDS[request.param]
    if not request.config.option.devices:
        load(found)
    return found


@pytest.fixture(scope="session")
def references() -> References:
    """The stored float64 runs and yardsticks."""
    return References(FOLDER)


@pytest.fixture(scope="session")
def truths(references: References, kept_runs: Kept) -> Truths:
    """The float64 runs of this session, and the verdicts by them."""
    return Truths(references, kept_runs)


@pytest.fixture
def row(
    request: pytest.FixtureRequest,
    benchmark: BenchmarkFixture,
    truths: Truths,
    kernel: str,
    connected: bool,
    backend: Backend,
    side: int,
    network: str | None,
    coupling: str | None,
    devices: int,
    own_truths: OwnTruths,
) -> Row:
    """A network on a backend; its record joins the table at the end, whatever becomes of the test.

    A module may name another class of rows as its `ROW`.
    """
    kind, outputs = getattr(request.module, "ROW", Row), request.config.option.outputs
    backend = chosen(request.config, backend, devices)
    row: Row
    if network is None:
        row = kind(benchmark, backend, kernel, side, connected, coupling, truths.judge, outputs)
    else:
        row = OwnRow(benchmark, backend, request.config.stash[NETWORKS][network], coupling, own_truths, outputs)
    row.progress = partial(progress, request.config)
    if refusal := row.refusal():
        pytest.skip(refusal)
    request.config.stash[RECORDS][benchmark.fullname] = benchmark.extra_info
    return row
