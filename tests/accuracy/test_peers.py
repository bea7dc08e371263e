"""Other programs, written by others, solve the same equations: what they promise, and that a wrong oracle is caught."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import replace
from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import pytest

from model.kernels import KERNELS
from model.network import Network, build, connectivity
from neurochip_bench.accuracy import FAITHFUL, RIGHT
from neurochip_bench.accuracy.reference import References
from neurochip_bench.accuracy.yardsticks import run_of
from neurochip_bench.backends import BACKENDS, ORACLE, program
from neurochip_bench.peers import PEERS
from neurochip_bench.peers.jaxley import handed_over
from neurochip_bench.peers.neuron import after_rearming
from neurochip_bench.peers.process import Spiked, codes_of
from neurochip_bench.suite import peers, presence
from neurochip_bench.suite.row import MODEL_MS, standard_network
from neurochip_bench.suite.truth import FOLDER, Truths

STEPS = (0.0125, 0.00625, 0.003125)  # ms; around a spike the order is not seen at 0.025 yet
BRIAN2 = PEERS["brian2-cpu-f64"]
ROUNDING = 1e-9  # mV of float64 over some milliseconds; a lost connection brings 1e-3 or more
NETWORKS = [("hh", False), *((kernel, True) for kernel in KERNELS)]  # each takes Brian2 some seconds to compile


def here(peer):
    """The peer, or a skip that says what is missing."""
    if missing := presence.missing(peer.id):
        pytest.skip(missing)
    return peer


each_name = pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)  # whether it is installed or not
each_peer = pytest.mark.parametrize("peer", [pytest.param(p, marks=pytest.mark.peer, id=p.id) for p in PEERS.values()])


@lru_cache(maxsize=None)
def prepared(peer, kernel="hh", connected=False):
    """A program for a standard network of 64 cells, and what drives it."""
    network, stimulus, _ = standard_network(kernel, 4, connected)
    return here(peer).prepare(network), stimulus


@lru_cache(maxsize=None)
def ran(peer, kernel, connected):
    """Its run from the start."""
    program, stimulus = prepared(peer, kernel, connected)
    program.reset()
    return program.run(MODEL_MS, stimulus)


@each_peer
def test_a_run_has_the_promised_shapes_and_an_unrecorded_one_advances_like_it(peer):
    program, stimulus = prepared(peer)
    run = ran(peer, "hh", False)
    assert [a.shape for a in (run.state, run.first, run.trace, run.spikes)] == [(4, 64), (4, 64), (101, 64), (100, 64)]
    assert np.array_equal(run.trace[[0, -1]], [program.network.state[0], run.state[0]])
    assert run.trace.dtype == np.float64
    program.reset()
    silent = program.run(MODEL_MS, stimulus, record=False)
    assert silent.trace is None
    assert np.max(np.abs(silent.state - run.state)) <= 1e-6  # one piece instead of two


@each_peer
def test_after_reset_the_parts_of_a_run_are_those_of_the_whole(peer):
    program, stimulus = prepared(peer)
    whole = ran(peer, "hh", False)
    program.reset()
    parts = [program.run(len(part), part) for part in np.split(stimulus[:40], [1, 17])]
    trace = np.concatenate([whole.trace[:1], *(part.trace[1:] for part in parts)])
    assert np.max(np.abs(trace - whole.trace[:41])) <= 1e-6
    assert np.array_equal(np.concatenate([part.spikes for part in parts]), whole.spikes[:40])
    assert whole.spikes[:40].sum() > 10


@each_peer
def test_what_a_peer_does_not_promise_it_refuses_in_a_sentence(peer):
    program, _ = prepared(peer)
    network = program.network
    with pytest.raises(ValueError, match="takes no other"):
        program.reset(network)
    with pytest.raises(ValueError, match="a peer sums over connections in its own way"):
        peer.prepare(build("hh", 4), "padded")
    with pytest.raises(ValueError, match="rates is 'published': expected 'safe'"):
        peer.prepare(network, rates="published")
    with pytest.raises(ValueError, match="accumulation is 'compensated': expected 'plain'"):
        peer.prepare(network, accumulation="compensated")
    late = build("hh", 4, delays=(1, 5))
    assert peer.program.cannot(late)
    with pytest.raises(ValueError, match=peer.library):
        peer.prepare(late)


@pytest.mark.parametrize("kernel", KERNELS)
@each_name
def test_a_network_that_a_peer_has_no_words_for_is_refused(peer, kernel):
    for connected in (False, True):
        said = peer.program.cannot(build(kernel, 4, connected))
        assert bool(said) != peers.runs(peer, kernel, connected)
        assert said is None or f"{peer.library} does not run {kernel} {connectivity(connected)}: " in said


def resting():
    """Three cells of hh at rest, driven to one spike each within 6 ms."""
    rest = np.repeat([[-65.0], [0.0529], [0.5961], [0.3177]], 3, axis=1)
    return Network("hh", rest, [], [], None, {"I_in": [8.0, 10.0, 15.0]})


@lru_cache(maxsize=None)
def near_the_solution():
    """Their states after 6 ms by the oracle with an eighth of the smallest step."""
    return run_of(ORACLE, resting(), 6, dt=STEPS[-1] / 8).state


def ratios(errors):
    """How many times larger the largest error of each state is than with the next step."""
    largest = np.array([np.abs(error).max(axis=1) for error in errors])
    return largest[:-1] / largest[1:]


@each_peer
def test_as_the_step_falls_a_peer_and_the_oracle_meet_in_the_solution_in_first_order(peer):
    network = resting()
    runs = [here(peer).prepare(network, dt=dt).run(6) for dt in STEPS]
    assert all((run.spikes.sum(axis=0) == 1).all() for run in runs)
    apart = [run.state - run_of(ORACLE, network, 6, dt=dt).state for run, dt in zip(runs, STEPS)]
    if peer.program.same_step:
        assert np.max(np.abs(apart)) <= ROUNDING
    else:
        assert np.max(np.abs(ratios(apart) - 2.0)) <= 0.3, ratios(apart)
    errors = [run.state - near_the_solution() for run in runs]
    assert np.max(np.abs(ratios(errors) - 2.0)) <= 0.3, ratios(errors)


@pytest.mark.peer
@pytest.mark.parametrize(("kernel", "connected"), NETWORKS)
def test_brian2_takes_the_oracles_very_step(kernel, connected):
    run, (program, stimulus) = ran(BRIAN2, kernel, connected), prepared(BRIAN2, kernel, connected)
    oracle = BACKENDS[ORACLE].prepare(program.network).run(MODEL_MS, stimulus)
    assert np.array_equal(run.codes, oracle.codes)
    assert np.max(np.abs(run.first - oracle.first)) <= ROUNDING
    assert np.max(np.abs(run.trace - oracle.trace)) <= ROUNDING


@pytest.mark.peer
@pytest.mark.parametrize("kernel", KERNELS)
def test_brian2_is_handed_every_parameter_and_weight_of_each_cell(kernel):
    model, rng = KERNELS[kernel], np.random.default_rng(3)
    parameters = {name: (value or 1.0) * rng.uniform(0.9, 1.1, 20) for name, value in model.parameters.items()}
    start = np.concatenate([model.initial(20, rng), np.full((int(model.synaptic), 20), 0.5)])
    sources, targets = rng.integers(0, 20, (2, 60))
    network = Network(kernel, start, sources, targets, rng.uniform(0.01, 0.1, 60), parameters)
    applied = {"io": 10.0, "hh": 20.0, "lif": 0.1}[kernel] * rng.random((12, 20))
    run, oracle = here(BRIAN2).prepare(network).run(12, applied), BACKENDS[ORACLE].prepare(network).run(12, applied)
    assert oracle.spikes.sum() >= 10
    assert np.array_equal(run.codes, oracle.codes)
    assert np.max(np.abs(run.state - oracle.state)) <= ROUNDING


OFF = {"I_in": 11.0, "I_app": 1.0, "threshold": 100.0}  # of those that are not 5 % more; no potential is at 100 mV
WITHOUT_EFFECT = ("threshold", "rearmed", "tau_syn")  # on states of unconnected cells


def each_off_its_default(kernel, start, **drive):
    """Cells from one state: the first has the defaults, each of the others one parameter off them, in their order."""
    defaults = {**KERNELS[kernel].parameters, **drive}
    values = {name: np.full(len(defaults) + 1, value) for name, value in defaults.items()}
    for cell, name in enumerate(defaults, 1):
        values[name][cell] = OFF.get(name, 1.05 * defaults[name])
    return Network(kernel, np.repeat(start, len(defaults) + 1, axis=1), [], [], None, values)


OFF_DEFAULTS = {
    "hh": lambda: each_off_its_default("hh", resting().state[:, :1], I_in=10.0),
    "io": lambda: each_off_its_default("io", KERNELS["io"].initial(1, np.random.default_rng(1))),
}


def shifts(run):
    """By how much the state of each cell but the first is off the first's, each row in units of its largest."""
    apart = run.state[:, 1:] - run.state[:, :1]
    return apart, np.abs(apart).max(axis=1, keepdims=True)


@pytest.mark.peer
@pytest.mark.parametrize(
    ("name", "kernel", "milliseconds"),
    [("neuron", "hh", 6), ("neuron", "io", 10), ("arbor", "hh", 6), ("jaxley", "hh", 6)],
)
def test_a_peer_is_handed_every_parameter_of_each_cell(name, kernel, milliseconds):
    network = OFF_DEFAULTS[kernel]()
    program = here(PEERS[f"{name}-cpu-f64"]).prepare(network, dt=STEPS[0])
    found, (expected, unit) = (
        shifts(program.run(milliseconds))[0],
        shifts(run_of(ORACLE, network, milliseconds, dt=STEPS[0])),
    )
    wrong, effect = (np.abs(of / unit).max(axis=0) for of in (found - expected, expected))
    seen = [parameter not in WITHOUT_EFFECT for parameter in network.parameters]
    assert (effect[seen] > 0).all()
    assert (wrong[seen] <= 0.1 * effect[seen]).all()  # of one that is not handed over it is the whole effect
    program.reset()
    spikes = program.run(12, np.full((12, network.cells), 10.0)).spikes.sum(axis=0)
    silent = 1 + list(network.parameters).index("threshold")
    assert spikes[silent] == 0
    assert np.delete(spikes, silent).all()


@pytest.mark.peer
def test_neurons_synapses_deliver_the_weights_of_a_spike_that_decay_with_each_cells_own_constant():
    start = np.concatenate([np.repeat(resting().state[:, :1], 4, axis=1), np.zeros((1, 4))])
    given = {"I_in": [15.0, 0.0, 0.0, 0.0], "tau_syn": [1.0, 1.0, 3.0, 1.0]}
    network = Network("hh", start, [0, 0, 0], [1, 2, 2], [3.0, 2.0, 4.0], given)
    run, oracle = here(PEERS["neuron-cpu-f64"]).prepare(network).run(3), run_of(ORACLE, network, 3)
    assert oracle.spikes.sum(axis=0).tolist() == run.spikes.sum(axis=0).tolist() == [1, 0, 0, 0]
    current, expected = run.state[4], oracle.state[4]
    step = 1.5 * 0.025 / np.array([1.0, 3.0])  # a spike may be a step off, in which a current decays by this
    assert not any((*expected[[0, 3]], *current[[0, 3]]))
    assert (np.abs(current[[1, 2]] / expected[[1, 2]] - 1) <= step).all(), (current, expected)
    depolarised, by = (of.state[0, [1, 2]] - of.state[0, 3] for of in (run, oracle))
    assert (by > 1).all()
    assert (np.abs(depolarised / by - 1) <= 0.03).all(), (depolarised, by)


def test_jaxley_refuses_a_parameter_that_its_cell_has_no_constant_for():
    known = dict.fromkeys(("capacitance", "hh_g_L"), np.zeros(1))
    given = {"C_m": np.array(1.1), "g_L": np.array([0.2, 0.4]), "I_in": np.array(0.0), "threshold": np.array(-10.0)}
    assert handed_over(given, known) == {"capacitance": given["C_m"], "hh_g_L": given["g_L"]}
    with pytest.raises(
        ValueError, match="jaxley's cell has no 'hh_g_T' for the parameter 'g_T': expected one for each"
    ):
        handed_over({**given, "g_T": np.array(0.4)}, known)


def with_another_edge(kernel):
    return replace(kernel, edge=lambda ops, source, target: -kernel.edge(ops, source, target))


def with_negative(kernel, name):
    def step(ops, state, parameters, *more, **named):
        return kernel.step(ops, state, {**parameters, name: -parameters[name]}, *more, **named)

    return replace(kernel, step=step)


def peer_row(peer, kernel, connected):
    """A row of a peer without a benchmark to time it."""
    benchmark = SimpleNamespace(name="test_peers[]", fullname="", extra_info={}, group=None, stats=None)
    return peers.PeerRow(benchmark, peer, kernel, 4, connected, None, Truths(References(FOLDER)).judge)


WRONG = {
    "gap junction": ("io", True, with_another_edge),
    "synaptic current of hh": ("hh", True, with_another_edge),
    "synaptic current of lif": ("lif", True, with_another_edge),
    "conductance of io": ("io", True, lambda kernel: with_negative(kernel, "g_ls")),
    "conductance of hh, which blows up": ("hh", True, lambda kernel: with_negative(kernel, "g_L")),
}


@pytest.mark.peer
@pytest.mark.parametrize(("kernel", "connected", "wrongly"), WRONG.values(), ids=WRONG)
def test_a_wrong_sign_in_the_oracle_makes_brian2s_row_not_right(kernel, connected, wrongly, monkeypatch):
    run, right = ran(BRIAN2, kernel, connected), peer_row(BRIAN2, kernel, connected)
    right.judge(run)
    assert right.record.verdict == FAITHFUL
    monkeypatch.setattr(program, "KERNELS", {**KERNELS, kernel: wrongly(KERNELS[kernel])})
    wrong = peer_row(BRIAN2, kernel, connected)
    with pytest.raises(AssertionError):
        wrong.judge(run)
    assert wrong.record.verdict not in RIGHT


@pytest.mark.peer
def test_a_gap_junction_of_the_wrong_sign_in_the_oracle_makes_neurons_row_not_right(monkeypatch):
    peer = PEERS["neuron-cpu-f64"]
    run = ran(peer, "io", True)
    peer_row(peer, "io", True).judge(run)
    monkeypatch.setattr(program, "KERNELS", {**KERNELS, "io": with_another_edge(KERNELS["io"])})
    with pytest.raises(AssertionError):
        peer_row(peer, "io", True).judge(run)


@pytest.mark.peer
@pytest.mark.parametrize("kernel", ["hh", "io"])
def test_neurons_connected_cells_spike_as_the_oracles_and_go_on_in_the_middle_of_a_spike(kernel):
    program, stimulus = prepared(PEERS["neuron-cpu-f64"], kernel, True)
    held = np.full((40, 64), 10.0) if kernel == "io" else stimulus[:40]
    program.reset()
    whole = program.run(40, held)
    program.reset()
    parts = [program.run(len(part), part) for part in np.split(held, [1, 6, 16, 17])]
    oracle = run_of(ORACLE, program.network, 40, held)
    assert oracle.spikes.sum() >= 30
    assert abs(int(whole.spikes.sum()) - int(oracle.spikes.sum())) <= 1
    assert np.array_equal(np.concatenate([part.codes for part in parts]), whole.codes)
    assert np.max(np.abs(parts[-1].state - whole.state)) <= 1e-6


NEEDED = {"brian2": "g++ and make", "neuron": "g++ and make", "arbor": "c++ and make and cmake"}


@pytest.mark.parametrize("library", NEEDED)
def test_a_peer_without_a_compiler_says_so(library, monkeypatch):
    peer = PEERS[f"{library}-cpu-f64"]
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: SimpleNamespace(origin="__init__.py"))
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert f"needs a C++ compiler: {NEEDED[library]} not found on the PATH" in peer.missing()


@each_name
def test_a_peer_that_is_not_installed_says_what_installs_it(peer, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda *_: None)
    assert peer.missing().endswith(f"is not installed (python -m pip install 'neurochip-bench[{peer.library}]')")


def test_no_peer_is_a_backend():
    assert not set(PEERS) & set(BACKENDS)
    assert {peer.mark for peer in PEERS.values()} == {"peer"}


def test_spikes_become_codes_and_a_cell_spikes_again_only_after_it_was_rearmed():
    codes = codes_of(Spiked(np.array([1, 1, 0]), np.array([3, 1, 45])), (2, 2), 40)
    assert codes.tolist() == [[0, 81], [45, 0]]
    reached, rearmed = Spiked(np.array([0, 0, 0]), np.array([5, 9, 20])), Spiked(np.array([0]), np.array([20]))
    spiked, armed = after_rearming(reached, rearmed, np.array([True]))
    assert spiked.steps.tolist() == [5, 20]
    assert not armed[0]
