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
def backend():
    return over(BACKENDS["jax-cpu-f32"], 2)


@pytest.fixture(scope="module")
def ran(backend):
    """A network that is drawn by planes, and its run over 5 ms."""
    network = Undrawn(Drawing("io", (4, 4, 6), True, 42, "paper", False, None, planes=True))
    return network, backend.prepare(network).run(5)


def test_a_run_is_judged_by_a_float64_run_in_the_same_shards(references, backend, ran, monkeypatch):
    monkeypatch.setattr(shards, "REACHED", 4)
    truths, (network, run) = ShardTruths(references), ran
    found = truths.judge(run, network, None, backend)
    assert (found.word, found.by, found.milliseconds) == (FAITHFUL, "jax-cpu-f64", 5)
    assert float64_of(backend).program.devices == 2
    moved = Run(run.state + 1.0, run.first + 1.0, run.trace + 1.0, run.codes, steps_per_ms=40)
    assert truths.judge(moved, network, None, backend).word == UNUSABLE
    monkeypatch.setattr(shards, "agree", lambda *_: False)
    assert ShardTruths(references).judge(run, network, None, backend).word == UNJUDGED, "NumPy vouches for it"


def test_networks_of_more_cells_than_are_drawn_at_once_are_drawn_by_shares_where_devices_share_them(backend):
    assert too_large(backend, 101**3)
    assert not too_large(backend, 100**3)
    assert not too_large(BACKENDS["jax-cpu-f32"], 101**3)
    network, stimulus, _ = undrawn("lif", 101, True, None, 100)
    assert (network.cells, network.connections, stimulus) == (101**3, 5 * 101**3, None)
