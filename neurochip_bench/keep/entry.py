"""What a saved run holds of a row, and what is known of it before it runs."""

from __future__ import annotations

from typing import Any, Dict

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from model.network import connectivity
from neurochip_bench.accuracy.verdict import UNJUDGED
from neurochip_bench.keep.own import NETWORKS, of_own
from neurochip_bench.keep.record import Facts, Record, saved_form
from neurochip_bench.keep.words import experiment_of

Entry = Dict[str, Any]  # what a saved run holds of a row: any JSON


def parameters_of(item: pytest.Item) -> dict[str, Any]:  # each of its own type
    """The parameters of a test by name; none of one that has no parameters."""
    return dict(item.callspec.params) if hasattr(item, "callspec") else {}


def record_of(item: pytest.Item, tries: int) -> Facts:
    """The saved form of what is known of a row before it runs; empty for a test that is no row."""
    given = parameters_of(item)
    if not {"kernel", "connected", "backend"} <= set(given) or not {"side", "network"} & set(given):
        return {}
    devices = given.get("devices", 1)
    cubes = devices if experiment_of(item.name) == "weak" else 1  # one on each
    own = item.config.stash[NETWORKS][given["network"]] if given.get("network") else None
    known = saved_form(
        Record(
            experiment=experiment_of(item.name),
            model=given["kernel"],
            connectivity=connectivity(given["connected"]),
            backend=given["backend"],
            coupling=given.get("coupling"),
            cells=own.network.cells if own else given["side"] ** 3 * cubes,
            verdict=UNJUDGED,
            tries=tries,
            devices=devices,
        )
    )
    return {**known, **(of_own(own) if own else {})}


def entry_of(name: str, fullname: str, benchmark: BenchmarkFixture | None) -> Entry:
    """What a saved run holds of a row, with the seconds of each round if there are any."""
    stats = None if benchmark is None or benchmark.has_error else benchmark.stats
    if stats is not None and stats.stats.data:
        return dict(stats.as_dict(include_data=True))
    record = {} if benchmark is None else benchmark.extra_info
    return {"group": getattr(benchmark, "group", None), "name": name, "fullname": fullname, "extra_info": record}
