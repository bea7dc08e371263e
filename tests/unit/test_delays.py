"""Networks with delays: what is accepted, kept, drawn, laid out and refused."""

from __future__ import annotations

import numpy as np
import pytest

from model.coupling import DELAYED, FORMULATIONS, lay_out, slots_of
from model.kernels import DT
from model.network import Network, build
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.backends.remote.wire import packed, unpacked
from neurochip_bench.tools.support import table

F32 = np.dtype(np.float32)


def pair(delays, kernel="lif", **changes):
    """Two cells, joined in both directions."""
    rows = {"lif": 2, "hh": 5, "io": 14}[kernel]
    return Network(kernel, np.zeros((rows, 2)), [0, 1], [1, 0], delays=delays, **changes)


BAD = [
    ([1.0], r"delays has shape \(1,\): expected a scalar or \(2,\)"),
    ([[1.0], [2.0]], r"delays has shape \(2, 1\): expected a scalar or \(2,\)"),
    ([1.0, -0.1], "delays holds -0.1: expected ms from 0"),
    (-3, "delays holds -3: expected ms from 0"),
    (np.inf, "delays holds inf: expected finite numbers"),
    ([1.0, np.nan], r"delays holds nan at \(1,\): expected finite numbers"),
    ("1", "delays has type <U1: expected real numbers"),
    ([[1.0], [1.0, 2.0]], "delays is ragged"),
]


@pytest.mark.parametrize(("delays", "sentence"), BAD)
def test_bad_delays_are_refused_with_a_sentence(delays, sentence):
    with pytest.raises(ValueError, match=sentence):
        pair(delays)


def test_gap_junctions_have_no_delays():
    with pytest.raises(ValueError, match="delays is given for io, whose gap junctions have none: expected None"):
        pair(1.0, "io")
    with pytest.raises(ValueError, match="delays is given for io"):
        build("io", 4, delays=(1, 2))


@pytest.mark.parametrize("delays", [(2, 1), (-1, 2), (1,), 3, (1, np.nan), "ab"])
def test_bad_bounds_of_delays_are_refused(delays):
    with pytest.raises(ValueError, match="delays"):
        build("lif", 4, delays=delays)


@pytest.mark.parametrize(
    ("delays", "steps"),
    [(None, None), (0, None), (0.012, None), (1.0, [40, 40]), ([0.0, 0.013], [0, 1]), ([0.2, 20], [8, 800])],
)
def test_delays_are_rounded_to_the_nearest_step(delays, steps):
    network = pair(delays)
    found = network.delay_steps(DT)
    assert found is None if steps is None else np.array_equal(found, steps)
    assert slots_of(network, DT) == (0 if steps is None else max(steps) + 1)


def test_half_a_step_of_another_length_is_another_number_of_steps():
    assert np.asarray(pair(1.0, "hh").delay_steps(0.5)).tolist() == [2, 2]


def test_delays_stay_with_a_network_wherever_it_is_copied():
    network = build("hh", 4, delays=(0, 3))
    copies = [network.rounded(), network.but(state=network.state + 1), unpacked(*packed(network))]
    for copy in copies:
        assert np.array_equal(np.asarray(copy.delays), np.asarray(network.delays))
    assert unpacked(*packed(network.but(delays=None))).delays is None


def test_standard_network_is_the_same_with_delays_and_its_delays_come_from_the_seed():
    plain, network = build("lif", 4), build("lif", 4, delays=(1, 20))
    for name in ("state", "sources", "targets"):
        assert np.array_equal(getattr(network, name), getattr(plain, name))
    assert plain.delays is None
    again, other = build("lif", 4, delays=(1, 20)), build("lif", 4, seed=1, delays=(1, 20))
    delays, same, others = (np.asarray(drawn.delays) for drawn in (network, again, other))
    assert delays.shape == (network.connections,)
    assert 1 <= delays.min() < 1.5
    assert 19.5 < delays.max() <= 20
    assert np.array_equal(delays, same)
    assert not np.array_equal(delays, others)
    assert build("lif", 4, connected=False, delays=(1, 20)).delay_steps(DT) is None


@pytest.mark.parametrize("name", [name for name in FORMULATIONS if name not in DELAYED])
def test_formulations_without_delays_say_so(name):
    sentence = f"coupling '{name}' knows no delays: expected gather-scatter or padded for this network"
    with pytest.raises(ValueError, match=sentence):
        BACKENDS[ORACLE].prepare(pair(1.0), name)
    BACKENDS[ORACLE].prepare(pair(0.0), name).run(1)


@pytest.mark.parametrize("name", DELAYED)
def test_ring_that_would_not_fit_is_refused_with_what_it_needs(name):
    sentence = r"would need 4\.\d GiB for 2 cells with 2 connections and 536870913 slots of delay: expected at most 1"
    with pytest.raises(ValueError, match=sentence):
        lay_out(name, pair(2.0**29 * DT), F32)


def test_reset_takes_other_delays_of_as_many_slots_and_refuses_more():
    program = BACKENDS[ORACLE].prepare(pair([1.0, 2.0]))
    program.reset(pair([2.0, 0.0]))
    for delays, given in ((None, ""), ([1.0, 2.1], ", 85 slots of delay")):
        sentence = rf"2 connections{given}\) does not have the shape of the compiled one \(.*, 81 slots of delay\)"
        with pytest.raises(ValueError, match=sentence):
            program.reset(pair(delays))


def test_emulated_chips_refuse_the_scatter_with_delays_as_without():
    assert "not `gather-scatter`" in next(line for line in table() if "`emulated-ieee`" in line)


def test_exported_file_with_delays_holds_its_ring_and_tf2onnx_refuses_it():
    pytest.importorskip("onnx")
    from neurochip_bench.backends.onnx.export import export

    model = export(pair([1.0, 0.5]), counting=True)
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in model.graph.input}
    assert shapes["ring"] == [41, 2]
    assert {entry.key: entry.value for entry in model.metadata_props}["delay_slots"] == "41"
    with pytest.raises(ValueError, match="converter is 'tf2onnx' for a network with delays: expected 'traced'"):
        export(pair(1.0), converter="tf2onnx")
