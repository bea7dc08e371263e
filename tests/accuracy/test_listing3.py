"""Listing 3 of the paper, as printed and as a graph, against a plain queue of events."""

from __future__ import annotations

import numpy as np
import pytest

from neurochip_bench.experiments import listing3

STEPS = 60  # three times the longest delay


@pytest.fixture(scope="module")
def tf():
    return pytest.importorskip("tensorflow")


@pytest.fixture(scope="module")
def small():
    """12 neurons, of whom some fire in the first step and others only by what they hear."""
    delays, v = listing3.inputs(12)
    return delays * 1, np.concatenate([[19.0, 18.0, 17.0, 16.0], 0.4 * v[4:]])


@pytest.fixture(scope="module")
def truth(small):
    delays, v = small
    dense = np.where(delays == 0, 11, delays)  # all are joined to all, so that the spikes go on
    return dense, v, listing3.event_queue(dense, v, STEPS)


def test_inputs_are_those_of_the_listing_after_a_seed():
    delays, v = listing3.inputs(50, seed=3)
    np.random.seed(3)
    matrix = np.random.randint(10, 20, (50, 50)) * (np.random.random((50, 50)) > 0.8)
    assert np.array_equal(delays, matrix)
    assert np.array_equal(v, 20 * np.random.random(50))
    assert set(np.unique(delays)) == {0, *range(10, 20)}


def test_event_queue_by_hand():
    trace = listing3.event_queue(np.array([[0, 11], [0, 0]]), np.array([12.0, 4.0]), 13)
    assert trace[1, 0] == 0.0  # 11.4 is at the threshold or above it: a spike in step 0
    decayed = 4.0 * 0.95 ** np.arange(12)
    np.testing.assert_allclose(trace[:12, 1], decayed, rtol=1e-15)
    np.testing.assert_allclose(trace[12, 1], decayed[-1] * 0.95 + 1.0, rtol=1e-15)  # in step 0 + 11


def test_listing_as_printed_equals_the_queue_of_events(tf, truth):
    delays, v, trace = truth
    fired = (np.diff(trace, axis=0) < -5.0).sum(axis=0)
    assert (fired > 0).sum() >= 4
    assert np.array_equal(listing3.as_printed(tf, delays, v, STEPS), trace)


def test_listing_as_a_graph_equals_it_to_rounding(tf, truth):
    delays, v, trace = truth
    run = listing3.compiled(tf)(tf.constant(delays), tf.constant(v), tf.constant(STEPS))
    np.testing.assert_allclose(run.numpy(), trace, rtol=0, atol=1e-12)


def test_xla_does_not_compile_the_listing(tf, truth):
    """Its queues have lengths that depend on spikes; the day it compiles, docs/delays.md has to say so."""
    delays, v, _ = truth
    with pytest.raises(tf.errors.InvalidArgumentError, match="tf2xla conversion failed"):
        listing3.compiled(tf, jit_compile=True)(tf.constant(delays), tf.constant(v), tf.constant(STEPS))
