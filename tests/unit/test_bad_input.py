"""What users may get wrong: each gets one sentence that names the thing, what came and what was expected."""

import re
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from model.kernels import KERNELS
from model.network import Network, drive
from model.network import build as build_typed
from neurochip_bench.accuracy.cases import kick
from neurochip_bench.backends import BACKENDS

build: Callable[..., Network] = build_typed  # it is given what it does not take
ORACLE = BACKENDS["numpy-cpu-f64"]
IO, HH, LIF = build("io", 4), build("hh", 4), build("lif", 4)
ALONE = build("io", 4, connected=False)
RAGGED = [[0.0], [0.0, 1.0]]


def network(**changes):
    """The standard network of 64 olive cells, with some arguments changed."""
    right = {"kernel": "io", "state": IO.state, "sources": IO.sources, "targets": IO.targets}
    return Network(**{**right, **changes})


def parameters(**values):
    return network(parameters=values)


def run(milliseconds=2, stimulus=None):
    return ORACLE.prepare(ALONE).run(milliseconds, stimulus)


def reset(other):
    return ORACLE.prepare(IO).reset(other)


def state_with(value):
    state = IO.state.copy()
    state[3, 7] = value
    return network(state=state)


F32 = BACKENDS["numpy-cpu-f32"]
CASES = {
    # names
    "backend": (lambda: BACKENDS["tensorflow-abacus-f32"], "unknown backend 'tensorflow-abacus-f32'.*numpy-cpu-f64"),
    "kernel-of-the-mapping": (lambda: KERNELS["izhikevich"], "unknown kernel 'izhikevich'.*io, hh, lif"),
    # flags and numbers that float32 cannot hold
    "connected": (lambda: build("io", 4, "no"), "connected is 'no'.*True or False"),
    "uniform": (lambda: build("io", 4, uniform=1), "uniform is 1.*True or False"),
    "record": (lambda: ORACLE.prepare(ALONE).run(1, record="no"), "record is 'no'.*True or False"),
    "side-large": (lambda: build("io", 100_000), "side is 100000.*at most 464"),
    "state-range": (lambda: F32.prepare(state_with(1e300)), "state holds 1e[+]300.*float32"),
    "weights-range": (lambda: F32.prepare(network(weights=1e300)), "weights holds 1e[+]300.*float32"),
    "parameter-range": (lambda: F32.prepare(parameters(g_h=1e39)), r"parameters\['g_h'\] holds 1e[+]39.*float32"),
    "stimulus-range": (lambda: F32.prepare(ALONE).run(1, np.full((1, 64), 1e39)), "stimulus holds 1e[+]39.*float32"),
    "drive-seed": (lambda: drive(HH, 2, seed=-1), "seed is -1.*at least 0"),
    # more names
    "kernel": (lambda: build("izhikevich"), "unknown kernel 'izhikevich'.*io, hh, lif"),
    "kernel-of-network": (lambda: network(kernel="IO"), "unknown kernel 'IO'.*io, hh, lif"),
    "kernel-none": (lambda: build(None), "unknown kernel None.*io, hh, lif"),
    "kernel-list": (lambda: build(["io"]), r"unknown kernel \['io'\].*io, hh, lif"),
    "topology": (lambda: build(side=4, topology="ring"), "unknown topology 'ring'.*paper, authors"),
    "coupling": (lambda: ORACLE.prepare(IO, coupling="sparse"), "unknown coupling 'sparse'.*padded, one-hot, dense"),
    "coupling-number": (lambda: ORACLE.prepare(IO, coupling=3), "unknown coupling 3.*gather-scatter"),
    "coupling-unconnected": (lambda: ORACLE.prepare(ALONE, coupling="sparse"), "unknown coupling 'sparse'"),
    "rates": (lambda: ORACLE.prepare(IO, rates="fast"), "unknown rates 'fast'.*safe, published"),
    "rates-none": (lambda: ORACLE.prepare(IO, rates=None), "unknown rates None.*safe, published"),
    "option": (lambda: ORACLE.prepare(IO, unrolled=True), "option.*unrolled"),
    "not-a-network": (lambda: ORACLE.prepare("io"), "network is str.*Network"),
    # state
    "state-rows": (lambda: network(state=IO.state[:13]), r"state.*io.*\(13, 64\).*\(14, 64\)"),
    "state-synaptic-row-unconnected": (
        lambda: Network("lif", LIF.state, [], []),
        r"state of an unconnected lif network.*\(2, 64\).*\(1, 64\)",
    ),
    "state-one-dimension": (lambda: network(state=IO.state[0]), r"state.*shape \(64,\).*14"),
    "state-no-cells": (lambda: Network("io", IO.state[:, :0], [], []), r"state.*\(14, 0\)"),
    "state-ragged": (lambda: network(state=RAGGED), "state.* ragged"),
    "state-none": (lambda: network(state=None), "state"),
    "state-strings": (lambda: network(state=IO.state.astype(str)), "state.*type <U.*real numbers"),
    "state-complex": (lambda: network(state=IO.state + 0j), "state.*complex128.*real numbers"),
    "state-bool": (lambda: network(state=IO.state > 0), "state.*bool.*real numbers"),
    "state-nan": (lambda: state_with(np.nan), r"state.*holds nan at \(3, 7\).*finite"),
    "state-inf": (lambda: state_with(-np.inf), r"state.*holds -inf at \(3, 7\).*finite"),
    # connections
    "sources-negative": (lambda: network(sources=[-1], targets=[0]), "sources holds -1.*from 0 to 63"),
    "targets-too-large": (lambda: network(sources=[0], targets=[64]), "targets holds 64.*from 0 to 63"),
    "sources-huge": (lambda: network(sources=[2**63], targets=[0]), "sources holds 9223372036854775808.*from 0 to 63"),
    "sources-float": (lambda: network(sources=[1.0], targets=[0]), "sources.*float64.*integers"),
    "targets-bool": (lambda: network(sources=[0], targets=[True]), "targets.*bool.*integers"),
    "sources-strings": (lambda: network(sources=["a"], targets=[0]), "sources.*type <U1.*integers"),
    "sources-complex": (lambda: network(sources=[1j], targets=[0]), "sources.*complex128.*integers"),
    "sources-two-dimensions": (lambda: network(sources=[[1, 2]]), r"sources.*\(1, 2\).*one dimension"),
    "sources-number": (lambda: network(sources=3), r"sources.*\(\).*one dimension"),
    "targets-none": (lambda: network(targets=None), "targets.*one dimension"),
    "targets-ragged": (lambda: network(targets=[[0], [0, 1]]), "targets.* ragged"),
    "targets-fewer": (lambda: network(targets=IO.targets[1:]), "targets has 639 entries.*640"),
    # weights
    "weights-shape": (lambda: network(weights=[0.1, 0.2]), r"weights.*\(2,\).*scalar or \(640,\)"),
    "weights-ragged": (lambda: network(weights=RAGGED), "weights is ragged.*640"),
    "weights-string": (lambda: network(weights="strong"), "weights.*type <U6.*real numbers"),
    "weights-complex": (lambda: network(weights=1j), "weights.*complex128.*real numbers"),
    "weights-bool": (lambda: network(weights=True), "weights.*bool.*real numbers"),
    "weights-nan": (lambda: network(weights=np.nan), "weights holds nan.*finite"),
    "weights-inf": (lambda: network(weights=np.full(640, np.inf)), r"weights holds inf at \(0,\).*finite"),
    # parameters
    "parameter-gap-conductance": (lambda: parameters(g_gj=0.05), "parameters.*g_gj.*weights"),
    "parameter-unknown": (lambda: parameters(g_na=1.0), "unknown parameter 'g_na'.*g_int.*I_app"),
    "parameter-of-another-kernel": (lambda: parameters(tau_mem=4.0), "unknown parameter 'tau_mem'.*g_int"),
    "parameter-shape": (lambda: parameters(g_h=[0.1, 0.2]), r"parameters\['g_h'\].*\(2,\).*scalar or \(64,\)"),
    "parameter-ragged": (lambda: parameters(g_h=RAGGED), r"parameters\['g_h'\] is ragged"),
    "parameter-string": (lambda: parameters(g_h="0.1"), r"parameters\['g_h'\].*type <U3.*real numbers"),
    "parameter-none": (lambda: parameters(g_h=None), r"parameters\['g_h'\].*object.*real numbers"),
    "parameter-complex": (lambda: parameters(g_h=1j), r"parameters\['g_h'\].*complex128.*real numbers"),
    "parameter-bool": (lambda: parameters(g_h=False), r"parameters\['g_h'\].*bool.*real numbers"),
    "parameter-nan": (lambda: parameters(g_h=np.nan), r"parameters\['g_h'\] holds nan.*finite"),
    "parameter-inf": (lambda: parameters(g_h=np.full(64, np.inf)), r"parameters\['g_h'\] holds inf at \(0,\).*finite"),
    "parameters-number": (lambda: network(parameters=3), "parameters.*int"),
    "parameters-zero": (lambda: network(parameters=0), "parameters.*int"),
    "parameters-list": (lambda: network(parameters=["g_h"]), "parameters.*list"),
    "parameters-array": (lambda: network(parameters=np.ones(2)), "parameters.*ndarray"),
    # stimuli
    "stimulus-milliseconds": (lambda: run(2, np.zeros((1, 64))), r"stimulus.*\(1, 64\).*\(2, 64\)"),
    "stimulus-cells": (lambda: run(2, np.zeros((2, 63))), r"stimulus.*\(2, 63\).*\(2, 64\)"),
    "stimulus-number": (lambda: run(2, 3.0), r"stimulus.*\(\).*\(2, 64\)"),
    "stimulus-ragged": (lambda: run(2, RAGGED), r"stimulus is ragged.*\(2, 64\)"),
    "stimulus-string": (lambda: run(2, "strong"), "stimulus.*type <U6.*real numbers"),
    "stimulus-complex": (lambda: run(2, np.zeros((2, 64), complex)), "stimulus.*complex128.*real numbers"),
    "stimulus-bool": (lambda: run(2, np.zeros((2, 64), bool)), "stimulus.*bool.*real numbers"),
    "stimulus-nan": (lambda: run(2, np.full((2, 64), np.nan)), r"stimulus holds nan at \(0, 0\).*finite"),
    "stimulus-inf": (lambda: run(2, np.full((2, 64), np.inf)), r"stimulus holds inf at \(0, 0\).*finite"),
    # reset
    "reset-another-size": (lambda: reset(build("io", 5)), "network.*125 cells.*64 cells"),
    "reset-another-kernel": (lambda: reset(HH), "network.*hh.*io"),
    "reset-unconnected": (lambda: reset(ALONE), "network.* 0 connections.*640 connections"),
    "reset-per-cell-to-scalar": (lambda: reset(build("io", 4, uniform=True)), "network.*'g_CaL'"),
    "reset-another-scalar": (lambda: reset(network(parameters={**IO.parameters, "S": 0.5})), "network.*'S'"),
    "reset-not-a-network": (lambda: reset("io"), "network is str.*Network"),
}

# Where it goes, its name, and values that it must not have.
NUMBERS: list[tuple[str, str, Callable, list]] = [
    ("run", "milliseconds", run, [0, -1, 0.5, 1.5, np.nan, np.inf, True, "5", None, [5], 1j]),
    ("drive", "milliseconds", lambda value: drive(HH, value), [0, -1, 1.5, np.nan, True, "5", None]),
    ("kick", "milliseconds", lambda value: kick(HH, value), [0, -1, 1.5, np.nan, True, "5", None]),
    ("io", "dt", lambda value: ORACLE.prepare(ALONE, dt=value), [0.3, 0.024, 2.0, -0.025, 0, 0.0, 1e-320]),
    ("io", "dt", lambda value: ORACLE.prepare(ALONE, dt=value), [np.nan, np.inf, True, "0.025", None, [0.025]]),
    ("lif", "dt", lambda value: ORACLE.prepare(LIF, dt=value), [0.05, 0.0125, 1]),
    ("build", "side", lambda value: build(side=value), [3, 0, -1, 4.5, np.nan, True, "9", None, [9]]),
    ("build", "seed", lambda value: build(side=4, seed=value), [-1, 0.5, np.nan, True, "42", None]),
]
CASES |= {
    f"{where}-{name}={value}": (partial(call, value), re.escape(f"{name} is {value!r}"))
    for where, name, call, values in NUMBERS
    for value in values
}


@pytest.mark.parametrize(("call", "pieces"), CASES.values(), ids=CASES)
def test_bad_input_gets_a_sentence_that_names_it(call, pieces):
    with pytest.raises(ValueError, match=pieces) as refusal:
        call()
    assert "expected" in str(refusal.value)
    assert "\n" not in str(refusal.value)
