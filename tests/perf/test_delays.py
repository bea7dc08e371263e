"""Synapses with delays of 1 to 20 ms on every backend, and beside them the paper's listing 3, which has a TensorArray.

`pytest -m delays --benchmark-save=delays`, then `neurochip-bench delays` on what it saved.
"""

from __future__ import annotations

import time
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from model.kernels import DT, KERNELS
from model.network import Network, build, drive
from neurochip_bench.accuracy import RIGHT, judge
from neurochip_bench.accuracy.yardsticks import yardsticks
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.experiments import listing3
from neurochip_bench.keep import facts
from neurochip_bench.keep.record import note, saved_form
from neurochip_bench.suite import rows
from neurochip_bench.suite.row import MODEL_MS, ROUNDS, Row
from neurochip_bench.suite.timing.observer import Processor, observer_of
from neurochip_bench.suite.timing.rounds import Rounds

pytestmark = [pytest.mark.experiment, pytest.mark.delays]
BOUNDS_MS = (1.0, 20.0)
PRINTED_STEPS = 40  # of the listing's 1,000, which take a quarter of an hour
RING_MS = 25  # the same 1,000 steps


@lru_cache(maxsize=2)
def delayed_network(kernel, side, connected):
    """A standard network with delays, its stimulus, and the seconds it took to build."""
    start = time.perf_counter()
    network = build(kernel, side, connected, delays=BOUNDS_MS)
    seconds = time.perf_counter() - start
    network = network.rounded()
    return network, drive(network, MODEL_MS), seconds


class DelayedRow(Row):
    """A standard network with delays, by yardsticks of its own where NumPy judges.

    Those of the network without would do, F and D are the same to a factor of 2; that is what larger ones have.
    """

    standard = staticmethod(delayed_network)
    delays = BOUNDS_MS

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.note(**of_delays("ring buffer", self.network))


ROW = DelayedRow


def of_delays(form, network):
    """What these rows have in their record besides."""
    return {"delay_form": form, "delay_max_ms": float(np.max(network.delays))}


class DelayedRows(rows.Rows):
    """The sizes and backends of a standard run, without those that copy a large ring in each step.

    Where both forms of the ring are fast, the one that is not the default is there as well.
    """

    def params(self, option):
        """Its `pytest.param`s."""
        for param in super().params(option):
            values: Any = param.values  # of `rows.ARGUMENTS`
            kernel, _, backend, side, coupling, devices = values
            if side < rows.LARGE or BACKENDS[backend].library not in ("onnxruntime", "groq"):
                yield param
            if coupling is None and backend in ("tensorflow-cpu-f32", "jax-cpu-f32"):
                yield rows.row(kernel, True, backend, side, "gather-scatter", devices=devices)


ROWS = DelayedRows(tuple(name for name, kernel in KERNELS.items() if kernel.synaptic), connected=(True,))


def test_delays(row):
    """100 ms, as in test_run.py."""
    row.measure()


def of_listing():
    """The graph of the listing, with its delays in our steps, between our cells."""
    delays, _ = listing3.inputs()
    sources, targets = np.nonzero(delays)
    start = KERNELS["lif"].initial(len(delays), np.random.default_rng(42))
    state = np.concatenate([start, np.zeros((1, len(delays)))])
    return Network("lif", state, sources, targets, delays=delays[sources, targets] * DT).rounded()


@lru_cache(maxsize=None)
def listing_truth():
    """The oracle's run of the listing's graph, and yardsticks of its own, since it is no standard network."""
    network = of_listing()
    truth = BACKENDS[ORACLE].prepare(network).run(RING_MS)
    return truth, yardsticks(network, truth, None, [RING_MS])[str(RING_MS)]


def noted(benchmark, backend, network, delay_form, **changes):
    """Begin the record of a row of the listing's network; what writes more into it."""
    benchmark.group = "listing 3's graph of 100 cells"
    known = saved_form(replace(facts.blank(network, backend), experiment="delays"))
    note(benchmark.extra_info, **known, **of_delays(delay_form, network))
    note(benchmark.extra_info, **changes)
    return partial(note, benchmark.extra_info)


def test_ring_on_listing3(benchmark, backend):
    """The ring buffer on the listing's graph: its neurons are lif's, of which a cell fires every 17 steps."""
    network = of_listing()
    say = noted(benchmark, backend, network, "ring buffer")
    program = backend.prepare(network)
    say(**facts.of_program(program, RING_MS))
    program.run(RING_MS)
    rounds = Rounds(benchmark, observer_of(backend))
    run = rounds.time(lambda: program.run(RING_MS), program.reset, ROUNDS)
    while rounds.again():
        run = rounds.time(lambda: program.run(RING_MS), program.reset, ROUNDS)
    say(**rounds.facts())
    if benchmark.stats is not None:
        say(**facts.of_timing(benchmark.stats.stats.min, program, RING_MS))
    oracle, own = listing_truth()
    verdict = judge(run, oracle, KERNELS["lif"], own, ORACLE)
    say(**facts.of_verdict(verdict))
    assert verdict.word in RIGHT, verdict.explain()


@pytest.mark.cpu
@pytest.mark.lif
@pytest.mark.connected
@pytest.mark.parametrize("form", ["printed", "graph"])
def test_listing3(benchmark, form):
    """The listing in float64, eager as printed or as one function, which has to equal a queue of events.

    It is another model, which has no yardsticks, so that there is no verdict.
    """
    tf = pytest.importorskip("tensorflow")
    delays, v = listing3.inputs()
    say = noted(benchmark, BACKENDS["tensorflow-cpu-f64"], of_listing(), "TensorArray", model="listing 3", form=form)
    say(
        backend=f"tensorflow-{form}",
        library_version=tf.__version__,
        dt_ms=None,
        seed=None,
        delay_max_ms=None,
        verdict=None,
    )
    function = listing3.compiled(tf) if form == "graph" else None

    def run():
        if function is None:
            return listing3.as_printed(tf, delays, v, PRINTED_STEPS)
        return function(*map(tf.constant, (delays, v, PRINTED_STEPS))).numpy()

    if form == "graph":
        run()  # compiles it
    rounds = Rounds(benchmark, Processor())
    trace = rounds.time(run, lambda: None, 1 if form == "printed" else ROUNDS)
    say(**rounds.facts())
    truth = listing3.event_queue(delays, v, PRINTED_STEPS)
    if benchmark.stats is not None:
        say(ns_per_cell_step=benchmark.stats.stats.min * 1e9 / (PRINTED_STEPS * len(v)))
    equal = bool(np.abs(trace - truth).max() <= 1e-12)
    say(equals_event_queue=equal)
    assert equal
