"""Large networks over the whole window: correct rows of two libraries are right, and what is wrong in one cell is not.

The wrong runs are such that the model does not forget: a lif cell that is moved by 1 mV is right again after a spike.
"""

from __future__ import annotations

import numpy as np
import pytest

from model.kernels import KERNELS
from model.network import build, connectivity, drive
from neurochip_bench.accuracy import RIGHT, UNUSABLE, judge
from neurochip_bench.accuracy.cases import CASES, kick
from neurochip_bench.accuracy.own import judge_by_own, may_help, step_errors
from neurochip_bench.accuracy.yardsticks import run_of
from neurochip_bench.backends import BACKENDS
from neurochip_bench.run import Run
from neurochip_bench.suite import judges
from neurochip_bench.suite.truth import Truths

MILLISECONDS, HALF = 100, 50
LIBRARIES = ("jax-cpu-f32", "onnxruntime-cpu-f32")
QUICK = {("hh", False, 12), ("lif", True, 12)}  # the smallest whose stored yardsticks do not do
TOO_MUCH = {  # for one cell: uA/cm2 (io, hh), mV per step (lif, silent from then on)
    "io": 1.0,
    "hh": 10.0,
    "lif": -100.0,
}


def networks(*chosen):
    """A `pytest.param` for each of some (kernel, connected) and the large sizes, and for what is quick of them."""
    large = [(*network, side) for network in chosen for side in (20, 50)]
    params = []
    for kernel, connected, side in [*sorted(QUICK), *large]:
        if (kernel, connected) in chosen:
            marks = [] if (kernel, connected, side) in QUICK else [pytest.mark.slow]
            name = f"{kernel}-{connectivity(connected)}-{side**3}"
            params.append(pytest.param((kernel, connected, side), marks=marks, id=name))
    return params


ALL = [(kernel, connected) for kernel in KERNELS for connected in (False, True)]


class Large:
    """A standard network, its correct float32 run, and verdicts by its float64 run over 100 ms, which is kept.

    halves   of the correct run: what goes wrong in the second has the first in common with it
    cell     the one that differs most from the first
    """

    def __init__(self, truths, kernel, connected, side):
        self.kernel, self.truths = kernel, truths
        self.network = build(kernel, side, connected).rounded()
        self.stimulus = drive(self.network, MILLISECONDS)
        self.program = BACKENDS[LIBRARIES[0]].prepare(self.network)
        self.halves = [self.program.run(HALF, part) for part in np.split(self.applied(), [HALF])]
        self.run = Run.joined(self.halves)
        self.cell = int(np.abs(self.run.trace[1] - self.run.trace[1, 0]).argmax())

    def applied(self):
        """The stimulus, zeros where there is none."""
        none = np.zeros((MILLISECONDS, self.network.cells), np.float32)
        return none if self.stimulus is None else self.stimulus.copy()

    def verdict(self, run):
        return self.truths.judge(run, self.network, self.stimulus)

    @property
    def forgets(self):
        """Whether a cell that another's start is taken for is soon right again: unconnected lif cells are all alike."""
        return self.kernel == "lif" and not self.network.connected

    def exchanged(self):
        """The run with the first cell in the place of another."""
        cells, run = np.arange(self.network.cells), self.run
        cells[self.cell] = 0
        arrays = (array[:, cells] for array in (run.state, run.first, run.trace, run.codes))
        return Run(*arrays, steps_per_ms=40, spikes_at=run.spikes_at)

    def with_more(self, current, since):
        """A run in which one cell gets so much more from a millisecond on, 0 or the middle."""
        applied, (first, _) = self.applied(), self.halves
        applied[since:, self.cell] += current
        self.program.reset(self.network.but(state=first.state) if since else self.network)
        run = self.program.run(MILLISECONDS - since, applied[since:])
        return Run.joined([first, run]) if since else run


@pytest.fixture(scope="module", params=networks(*ALL))
def large(request, truths, references):
    for backend in LIBRARIES:
        if BACKENDS[backend].missing():
            pytest.skip(BACKENDS[backend].missing())
    with pytest.MonkeyPatch.context() as patch:
        if request.param in QUICK:  # with which NumPy agrees over a millisecond, not 20: nothing that is to be kept
            patch.setattr(judges, "CELL_MILLISECONDS", 0)
            truths = Truths(references)
        yield Large(truths, *request.param)


def test_correct_rows_are_right_over_the_whole_window(large):
    other = BACKENDS[LIBRARIES[1]].prepare(large.network).run(MILLISECONDS, large.stimulus)
    for backend, run in zip(LIBRARIES, (large.run, other)):
        verdict = large.verdict(run)
        assert verdict.word in RIGHT, f"{backend}: {verdict.explain()}"
        assert (verdict.milliseconds, verdict.by) == (MILLISECONDS, "jax-cpu-f64")


def test_one_wrong_cell_is_unusable(large):
    verdict = large.verdict(large.with_more(0.3, since=0) if large.forgets else large.exchanged())
    assert verdict.word == UNUSABLE, verdict.explain()


def test_one_cell_that_goes_wrong_at_50_ms_is_unusable(large):
    assert large.verdict(large.with_more(0.0, since=HALF)).word in RIGHT  # which is what it would be otherwise
    verdict = large.verdict(large.with_more(TOO_MUCH[large.kernel], since=HALF))
    assert verdict.word == UNUSABLE, verdict.explain()


def test_a_network_that_stands_still_from_50_ms_is_unusable(large):
    run = large.run
    trace, codes, state = run.trace.copy(), run.codes.copy(), run.state.copy()
    trace[HALF:], codes[HALF:], state[0] = trace[HALF], 0, trace[HALF]
    verdict = large.verdict(Run(state, run.first, trace, codes, steps_per_ms=40, spikes_at=run.spikes_at))
    assert verdict.word == UNUSABLE, verdict.explain()


def without(network, connection):
    kept = np.arange(network.connections) != connection
    return network.but(sources=network.sources[kept], targets=network.targets[kept], topology=None, seed=None)


@pytest.mark.parametrize("large", networks(("io", True), ("lif", True)), indirect=True)
def test_one_dropped_connection_is_unusable(large):
    fewer = without(large.network, int(0.4 * large.network.connections))
    verdict = large.verdict(BACKENDS[LIBRARIES[0]].prepare(fewer).run(MILLISECONDS, large.stimulus))
    assert verdict.word == UNUSABLE, verdict.explain()


@pytest.mark.slow
@pytest.mark.parametrize("side", [20, 50])
def test_kick_shows_one_dropped_synapse(references, side):
    case = CASES["hh-connected-standard-kick"]
    network = build("hh", side).rounded()
    stimulus, (_, yardsticks) = kick(network, case.milliseconds), references.case(case.name)
    truth, halved = (run_of("jax-cpu-f64", network, case.milliseconds, stimulus, dt) for dt in (case.dt, case.dt / 2))
    own = step_errors(halved, truth)
    for dropped, words in ((None, RIGHT), (0, [UNUSABLE]), (network.connections - 1, [UNUSABLE])):
        tried = network if dropped is None else without(network, dropped)
        run = run_of(LIBRARIES[0], tried, case.milliseconds, stimulus)
        verdict = judge(run, truth, KERNELS["hh"], yardsticks)
        verdict = judge_by_own(verdict, run, truth, own) if may_help(verdict) else verdict
        assert verdict.word in words, verdict.explain()
