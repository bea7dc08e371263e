"""The fixtures of rows of seconds of model time: a pytest plugin."""

from __future__ import annotations

from functools import partial

import pytest

from neurochip_bench.keep import kept, saving
from neurochip_bench.suite import long
from neurochip_bench.suite.long_truth import LongTruths
from neurochip_bench.suite.progress import progress


@pytest.fixture(scope="session")
def long_truths(request):
    """The float64 runs of long rows, kept in pytest's cache (`--cache-clear` empties it)."""
    cache = getattr(request.config, "cache", None)  # absent under -p no:cacheprovider
    return LongTruths(cache and cache.mkdir("truths"), partial(progress, request.config))


@pytest.fixture
def long_row(request, benchmark, long_truths, kernel, connected, backend, side, coupling):
    """A function that gives the row of a run of so many milliseconds, or of fewer with --quick."""

    def make(milliseconds, quick, stimulus=None):
        options = {"milliseconds": quick if request.config.option.quick else milliseconds, "stimulus": stimulus}
        arguments = (benchmark, backend, kernel, side, connected, coupling, long_truths)
        row = long.LongRow(*arguments, **options, progress=partial(progress, request.config))
        if row.refusal():
            pytest.skip(row.refusal())
        request.config.stash[kept.RECORDS].append(benchmark.extra_info)
        return row

    return make


@pytest.fixture
def keep(request):
    """Keeps the traces of a row beside the saved runs, if the run is saved."""

    def write(row, **arrays):
        folder = saving.traces(request.config)
        if folder is not None:
            path = long.keep(folder, request.node.name, row.record, **arrays)
            row.note(traces=str(path.relative_to(folder.parent.parent)))

    return write
