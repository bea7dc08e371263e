"""The floor: what it counts, the larger bound, and what of a saved one is believed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from model.network import build
from neurochip_bench.backends import BACKENDS
from neurochip_bench.keep import facts
from neurochip_bench.keep.floor import Floor, read
from neurochip_bench.suite import floor, measured_floor
from neurochip_bench.suite.floor import Work

FLOOR = Floor({"io connected": 8.0}, {"io connected": {1000: 6.0, 100_000: 20.0}})


def record(backend="numpy-cpu-f64", **changes):
    return replace(facts.blank(build("io", 4), BACKENDS[backend]), ns_per_cell_step=40.0, **changes)


def test_it_counts_what_a_step_moves_and_computes():
    lif, hh = (floor.work(kernel, connected=False) for kernel in ("lif", "hh"))
    assert (lif.moved, lif.special) == (8, 0)  # one state, read and written; its decay is a constant
    assert hh.moved == 4 * 8
    assert floor.work("io", connected=True).special > floor.work("io", connected=False).special > 30


def test_cells_of_the_bound_have_as_many_neighbours_as_cells_have_on_average():
    network = build("hh", 4)
    even = floor.evened(network)
    mean = network.connections // network.cells
    assert set(np.bincount(even.targets, minlength=even.cells)) == set(np.bincount(even.sources)) == {mean}
    padded, evenly = floor.work("hh", connected=True), floor.work("hh", connected=True, evenly=True)
    assert evenly.others < padded.others
    assert evenly.indices == 4 * mean


def test_moving_is_at_the_speed_of_a_matrix_that_is_no_larger_than_the_state():
    step = Work(state=56, constants=4, indices=40, special=0.0, others=0.0)
    assert measured_floor.moving(step, {600: 10.0, 6000: 2.0}) == {10: 116 / 10.0, 100: 116 / 2.0}


def test_smaller_matrix_is_never_told_to_be_read_more_slowly(monkeypatch):
    speeds = iter([5.0, 7.0, 1.0])
    monkeypatch.setattr(measured_floor, "best_ns", lambda left, right: left.nbytes / next(speeds))
    monkeypatch.setattr(measured_floor, "cores", lambda: 1)
    monkeypatch.setattr(measured_floor, "LARGEST", measured_floor.SMALLEST * measured_floor.APART**2)
    assert list(measured_floor.read_per_ns().values()) == pytest.approx([7.0, 7.0, 1.0])


@pytest.mark.parametrize(("cells", "ns"), [(64, 8.0), (1000, 8.0), (99_999, 8.0), (100_000, 20.0), (10**6, 20.0)])
def test_larger_bound_counts(cells, ns):
    assert FLOOR.at("io connected", cells) == ns
    assert FLOOR.at("io unconnected", cells) is None


def test_row_is_so_many_times_its_floor():
    assert FLOOR.times(record()) == 5.0
    assert FLOOR.times(record(cells=100_000)) == 2.0


@pytest.mark.parametrize(
    "changes", [{"kind": "gpu"}, {"network": "mine"}, {"network_digest": "aa"}, {"cells": None}, {"processes": 2}]
)
def test_no_floor_is_told_of_what_it_does_not_bound(changes):
    assert FLOOR.times(record(**changes)) is None


@pytest.mark.parametrize("changes", [{"rtf": None}, {"kind": "gpu"}, {"network": "mine"}, {"processes": 2}])
def test_it_is_measured_only_for_rows_that_it_bounds(monkeypatch, changes):
    monkeypatch.setattr(measured_floor, "of_this_machine", lambda: FLOOR)
    timed = record(rtf=2.0)
    assert measured_floor.for_rows([replace(timed, **changes), timed]) == FLOOR
    assert measured_floor.for_rows([replace(timed, **changes)]) == Floor()


@pytest.mark.parametrize(("seconds", "products"), [(0.001, 10), (0.07, 5), (20.0, 3)])
def test_slow_products_are_few(monkeypatch, seconds, products):
    times = iter(np.arange(100) * seconds)
    monkeypatch.setattr(measured_floor.time, "perf_counter", lambda: next(times))
    assert measured_floor.best_ns(np.ones((2, 2)), np.ones(2)) == pytest.approx(1e9 * seconds)
    assert next(times) == pytest.approx(2 * products * seconds)


def test_of_several_measurements_the_fastest_machine_bounds():
    other = Floor({"io connected": 9.0, "hh connected": 2.0}, {"io connected": {1000: 5.0}})
    assert (
        FLOOR.also(other)
        == other.also(FLOOR)
        == Floor({"io connected": 8.0, "hh connected": 2.0}, {"io connected": {1000: 5.0, 100_000: 20.0}})
    )


def test_saved_form_is_read_again_and_older_ones_have_no_memory():
    assert read(FLOOR.saved()) == FLOOR
    assert read({"io connected": 8.0}) == Floor({"io connected": 8.0})


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(ANYTHING, ANYTHING, ANYTHING)
def test_what_is_no_positive_number_is_left_out(anything, ns, steps):
    found = read({"io connected": ns, "memory": {"io connected": steps, "hh connected": anything}})
    known = [*found.compute.values(), *(value for those in found.memory.values() for value in those.values())]
    assert all(isinstance(value, float) and 0 < value < 1e16 for value in known)
    assert read(anything).at("io connected", 64) is None or isinstance(anything, dict)


def test_machine_has_one_that_both_operations_and_memory_bound(monkeypatch):
    monkeypatch.setattr(measured_floor, "operations_per_ns", lambda: 100.0)
    monkeypatch.setattr(measured_floor, "read_per_ns", lambda: {2**20: 1.0})
    found = measured_floor.of_this_machine.__wrapped__()
    step = floor.work("io", connected=True, evenly=True)
    assert found.at("io connected", 64) == pytest.approx((step.others + 8 * step.special) / 100)
    assert found.at("io connected", 10**6) == pytest.approx(116.0)
    assert found.at("io unconnected", 10**6) == found.at("io unconnected", 64)
