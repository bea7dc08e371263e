"""The gates themselves: each fault that a backend can have must be called unusable."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from model.kernels import KERNELS
from model.network import Network, build, drive
from neurochip_bench.accuracy import FAITHFUL, UNDEFINED, UNUSABLE, USABLE, judge
from neurochip_bench.accuracy.cases import CASES
from neurochip_bench.accuracy.yardsticks import run_of
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.run import Run

MILLISECONDS = {"io": 20, "hh": 20, "lif": 50}  # after 20 a cell of lif is where it was after 1
STANDARD = [(kernel, connected) for kernel in KERNELS for connected in (False, True)]


@pytest.fixture(scope="module", params=STANDARD, ids=lambda p: f"{p[0]}-{'connected' if p[1] else 'unconnected'}")
def judged(request, references):
    """A function that judges a run of a standard network, the network, its stimulus and the truth."""
    kernel, connected = request.param
    network, milliseconds = build(kernel, 4, connected).rounded(), MILLISECONDS[kernel]
    stimulus = drive(network, 2 * milliseconds)
    head = None if stimulus is None else stimulus[:milliseconds]
    truth = run_of(ORACLE, network, milliseconds, head)
    yardsticks = references.yardsticks(kernel, connected, milliseconds)
    return lambda run: judge(run, truth, KERNELS[kernel], yardsticks), network, stimulus, truth


def changed(run, *, cells=None, trace=None, first=None, codes=None, state=None):
    """A run with its cells reordered, or one of its arrays replaced."""
    order = slice(None) if cells is None else cells
    first = run.first if first is None else first
    trace = run.trace if trace is None else trace
    codes = run.codes if codes is None else codes
    if state is None:
        state = run.state.copy()
        state[0] = trace[-1] if len(trace) else state[0]
    arrays = (array[:, order] for array in (state, first, trace, codes))
    return Run(*arrays, steps_per_ms=40, spikes_at=run.spikes_at)


def another(run):
    """The cell that differs most from cell 7: unconnected lif cells in step with it are alike after their reset."""
    return np.abs(run.trace[1] - run.trace[1, 7]).argmax()


def one_cell_wrong(run):
    cells = np.arange(run.trace.shape[1])
    cells[7] = another(run)
    return changed(run, cells=cells)


def trace_wrong_in_one_cell(run):
    trace = run.trace.copy()
    trace[1:, 7] = trace[1:, another(run)]
    return changed(run, trace=trace)


def shifted(run):
    return changed(run, trace=np.concatenate([run.trace[1:], run.trace[-1:]]))


def scaled(run):
    return changed(run, trace=run.trace * 1.001)


def permuted(run):
    return changed(run, cells=np.roll(np.arange(run.trace.shape[1]), 1))


def not_a_number(run):
    trace = run.trace.copy()
    trace[-1, 0] = np.nan
    return changed(run, trace=trace)


def infinite_state(run):
    first = run.first.copy()
    first[-1, 0] = np.inf
    return changed(run, first=first)


def empty(run):
    return changed(run, trace=run.trace[:0], codes=run.codes[:0])


def too_short(run):
    return changed(run, trace=run.trace[:-1], codes=run.codes[:-1])


def fewer_cells(run):
    return changed(run, cells=slice(1, None))


def not_recorded(run):
    return Run(run.state)


def last_state_not_a_number(run):
    return changed(run, state=np.full_like(run.state, np.nan))


def stale_last_state(run):
    return changed(run, state=run.first)


FAULTS = [
    last_state_not_a_number,
    stale_last_state,
    one_cell_wrong,
    trace_wrong_in_one_cell,
    shifted,
    scaled,
    permuted,
    not_a_number,
    infinite_state,
    empty,
    too_short,
    fewer_cells,
    not_recorded,
]


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_unusable(judged, fault):
    verdict, _, _, truth = judged
    assert verdict(truth).word == FAITHFUL
    assert verdict(fault(truth)).word == UNUSABLE


def test_stale_run_is_unusable(judged):
    verdict, network, stimulus, truth = judged
    program, milliseconds = BACKENDS[ORACLE].prepare(network), len(truth.codes)
    for part in (slice(0, milliseconds), slice(milliseconds, None)):
        run = program.run(milliseconds, None if stimulus is None else stimulus[part])
    assert verdict(run).word == UNUSABLE


def without_connections(network, *, keep):
    rows = len(KERNELS[network.kernel].state_names(keep.any()))
    kept = (network.state[:rows], network.sources[keep], network.targets[keep])
    return Network(network.kernel, *kept, network.weights, network.parameters)


@lru_cache(maxsize=None)
def connected_truth(kernel):
    network = build(kernel, 4).rounded()
    return network, run_of(ORACLE, network, MILLISECONDS[kernel], None)


@pytest.mark.parametrize("kernel", ["io", "lif"])
@pytest.mark.parametrize("dropped", [0, 200, 319])
def test_one_dropped_connection_is_unusable(references, kernel, dropped):
    network, truth = connected_truth(kernel)
    fewer, milliseconds = without_connections(network, keep=np.arange(network.connections) != dropped), len(truth.codes)
    run = run_of(ORACLE, fewer, milliseconds, None)
    verdict = judge(run, truth, KERNELS[kernel], references.yardsticks(kernel, True, milliseconds))
    assert verdict.word == UNUSABLE, verdict.explain()


@pytest.mark.parametrize("dropped", [0, 100, 200, 319])
def test_kick_shows_one_dropped_synapse(references, dropped):
    case = CASES["hh-connected-standard-kick"]
    network = case.network()
    truth, yardsticks = references.case(case.name)
    fewer = without_connections(network, keep=np.arange(network.connections) != dropped)
    run = run_of(ORACLE, fewer, case.milliseconds, case.applied(network))
    verdict = judge(run, truth, KERNELS["hh"], yardsticks)
    assert verdict.word == UNUSABLE, verdict.explain()


def test_uncoupled_network_is_unusable(judged):
    verdict, network, stimulus, truth = judged
    if not network.connected:
        pytest.skip("nothing is connected")
    weak = Network(network.kernel, network.state, network.sources, network.targets, 0.0, network.parameters)
    milliseconds = len(truth.codes)
    head = None if stimulus is None else stimulus[:milliseconds]
    found = verdict(run_of(ORACLE, weak, milliseconds, head))
    assert found.word == UNUSABLE, found.explain()


def test_quarter_of_the_step_error_is_usable_but_not_faithful(references):
    network = build("io", 4).rounded()
    truth = run_of(ORACLE, network, 20, None)
    yardsticks = references.yardsticks("io", True, 20)
    moved = changed(truth, first=truth.first + 0.25 * yardsticks["step_error"]["v1_mv"] / 80.0)
    assert judge(moved, truth, KERNELS["io"], yardsticks).word == USABLE


def test_truth_that_is_not_finite_is_nobodys_fault(references):
    network = build("io", 4).rounded()
    truth = run_of(ORACLE, network, 1, None)
    blown_up = changed(truth, trace=np.full_like(truth.trace, np.nan))
    assert judge(truth, blown_up, KERNELS["io"], references.yardsticks("io", True, 1)).word == UNDEFINED
