"""Which benchmarks a command line asks for: the others are left out, and a line says what asks for them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import List, Sequence

import pytest

from neurochip_bench.backends import BACKENDS
from neurochip_bench.keep.entry import parameters_of
from neurochip_bench.keep.own import NETWORKS
from neurochip_bench.keep.words import OVER_DEVICES, PEER
from neurochip_bench.suite import energy, marked, presence
from neurochip_bench.suite.alone import PERF
from neurochip_bench.suite.devices import in_shards, lacking

LEFT_OUT = pytest.StashKey[List[pytest.Item]]()


def pytest_configure(config: pytest.Config) -> None:
    """Nothing is left out yet."""
    config.stash[LEFT_OUT] = []


@pytest.hookimpl(trylast=True)  # what -m and -k leave out is none of these
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is missing, visibly; leave out benchmarks and slow rows that were not asked for, and say so."""
    reasons: dict[str | None, str | None] = {key: presence.missing(key) for key in BACKENDS}
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        asked = asked_for(config, item)
        (kept if asked else left_out).append(item)
        reason = reasons.get(parameters_of(item).get("backend"))
        reason = reason or lacking(item) or (energy.unmetered(item) if asked else None)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        config.stash[LEFT_OUT] += left_out
        items[:] = kept


def asked_for(config: pytest.Config, item: pytest.Item) -> bool:
    """Benchmarks are asked for by -m, --benchmark-only or their path; slow rows, experiments, peers by their marker."""
    paths = [Path(arg.split("::")[0]).resolve() for arg in config.args]
    perf = config.rootpath / PERF
    if config.stash[NETWORKS] and perf in item.path.parents and "network" not in parameters_of(item):
        return False  # networks of one's own are run alone
    if config.option.devices and perf in item.path.parents and not in_shards(item):
        return False
    if item.get_closest_marker(PEER):
        return PEER in marked.wanted(config.option.markexpr) or item.path in paths
    if own := [name for name in OVER_DEVICES if item.get_closest_marker(name) and not config.option.devices]:
        return own[0] in marked.wanted(config.option.markexpr) or item.path in paths
    if item.get_closest_marker("experiment"):
        return marked.asks_for_experiment(config.option.markexpr, item) or item.path in paths
    if item.get_closest_marker("slow"):
        wanted = {"slow", *(["emulated"] if item.get_closest_marker("emulated") else [])}
        return any(word in config.option.markexpr for word in wanted) or item.path in paths
    if perf not in item.path.parents:
        return True
    by_path = any(path == perf or perf in path.parents for path in paths)
    by_mark = marked.asks_for_rows(config.option.markexpr)
    return bool(by_mark or config.getoption("benchmark_only", False) or by_path)


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    """Say how many benchmarks were left out of what the command line names, and what asks for them."""
    items = config.stash[LEFT_OUT]
    return left_out(items, bool(config.stash[NETWORKS]))


def left_out(items: Sequence[pytest.Item], own: bool) -> list[str]:
    """A line for benchmarks that were left out, by what asks for them; `own`: where networks of one's own are run."""
    asking = Counter("without --network" if own else how_to_ask(item) for item in items)
    said = (f"{count} benchmarks (ask {how})" for how, count in asking.items())
    return [f"left out: {', '.join(said)}"] if asking else []


def how_to_ask(item: pytest.Item) -> str:
    """What of a command line asks for a benchmark that is left out."""
    if item.config.option.devices and not in_shards(item):
        return "without --devices"
    for marker in (PEER, *OVER_DEVICES, "experiment", "slow"):
        if item.get_closest_marker(marker):
            return f"with -m {marker}"
    return "with -m cpu, --benchmark-only or tests/perf"
