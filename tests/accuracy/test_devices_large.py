"""Large networks over devices: the truth is a float64 run in the same shards, for which NumPy vouches where it can."""

from __future__ import annotations

import pytest

from model.network.drawing import Drawing
from neurochip_bench.accuracy import FAITHFUL, UNJUDGED, UNUSABLE
from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.sharded.remote import over
from neurochip_bench.networks.undrawn import Undrawn
from neurochip_bench.run import Run
from neurochip_bench.suite import shards
from neurochip_bench.suite.shards import ShardTruths, float64_of, too_large, undrawn

pytestmark = pytest.mark.skipif(BACKENDS["jax-cpu-f32"].missing() is not None, reason="JAX is not installed")


@pytest.fixture(scope="module")
def over_two():
    return over(BACKENDS["jax-cpu-f32"], 2)


@pytest.fixture(scope="module")
def ran(over_two):
    """A network that is drawn by planes, and its run over 5 ms."""
    network = Undrawn(Drawing("hh", (4, 4, 6), True, 42, "paper", False, None, planes=True))
    return network, over_two.prepare(network).run(5)


@pytest.mark.slow  # three programs are compiled over two devices: five seconds
def test_a_run_is_judged_by_a_float64_run_in_the_same_shards(references, over_two, ran, monkeypatch):
    monkeypatch.setattr(shards, "REACHED", 4)
    monkeypatch.setattr(shards, "window", lambda _: 10)
    truths, (network, run) = ShardTruths(references), ran
    found = truths.judge(run, network, None, over_two)
    assert (found.word, found.by, found.milliseconds) == (FAITHFUL, "jax-cpu-f64", 5)
    assert float64_of(over_two).program.devices == 2
    moved = Run(run.state + 1.0, run.first + 1.0, run.trace + 1.0, run.codes, steps_per_ms=40)
    assert truths.judge(moved, network, None, over_two).word == UNUSABLE
    monkeypatch.setattr(shards, "agree", lambda *_: False)
    assert ShardTruths(references).judge(run, network, None, over_two).word == UNJUDGED, "NumPy vouches for it"


def test_networks_of_more_cells_than_are_drawn_at_once_are_drawn_by_shares_where_devices_share_them(over_two):
    assert too_large(over_two, 101**3)
    assert not too_large(over_two, 100**3)
    assert not too_large(BACKENDS["jax-cpu-f32"], 101**3)
    network, stimulus, _ = undrawn("lif", (101, 101, 101), True, None, 100)
    assert (network.cells, network.connections, stimulus) == (101**3, 5 * 101**3, None)
