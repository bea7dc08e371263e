"""The tracer of exports and native programs: what is repeated, constant or needed by nothing is not computed."""

from __future__ import annotations

import numpy as np
import pytest

from model.kernels import KERNELS
from neurochip_bench.backends.native.expressions import computed
from neurochip_bench.backends.native.trace import ScalarGraph, ScalarOps, evaluate, trace
from neurochip_bench.backends.onnx.graph import OnnxGraph
from neurochip_bench.backends.tracer import Graph, ordered

GRAPHS = (Graph, OnnxGraph, ScalarGraph)


@pytest.mark.parametrize("kind", GRAPHS)
def test_an_expression_that_is_repeated_is_made_once(kind):
    graph = kind()
    x, y = (graph.operator("Row", (), (), value=i) for i in range(2))
    assert (x + y) * x is (x + y) * x
    assert len(ordered([(x + y) * (x + y)])) == 4  # both rows, the sum, and its square


@pytest.mark.parametrize("kind", GRAPHS)
def test_what_nothing_needs_is_not_there(kind):
    graph = kind()
    x = graph.operator("Row", (), (), value=0)
    dead = graph.apply("Exp", x)
    assert dead not in ordered([x * 2.0])


@pytest.mark.parametrize("kind", GRAPHS)
def test_numbers_are_folded_and_a_division_by_one_is_a_product(kind):
    graph = kind()
    x = graph.operator("Row", (), (), value=0)
    assert (graph.tensor(2.0) + 3.0).number == 5.0
    assert (x / 4.0) is (x * 0.25)
    assert x * 1.0 is x
    assert x + 0.0 is x


def test_what_is_known_ends_the_order():
    graph = Graph()
    x = graph.operator("Row", (), (), value=0)
    inner = x * 3.0
    assert ordered([inner + x], {inner}) == [x, inner + x]


def test_factors_that_no_cell_changes_are_gathered():
    graph = ScalarGraph()
    x, a, b = graph.leaf("Row", 0), graph.leaf("Parameter", "a"), graph.leaf("Parameter", "b")
    product = a * (b * x)
    assert product.inputs[0] is x
    assert evaluate([product.inputs[1]], {"a": np.array(2.0), "b": np.array([3.0, 4.0])})[0].tolist() == [6.0, 8.0]


def test_a_quotient_by_an_exponential_is_a_product():
    graph = ScalarGraph()
    ops, x, c = ScalarOps(graph), graph.leaf("Row", 0), graph.leaf("Parameter", "c")
    for power in (ops.exp(x), 3.0 * ops.exp(x), c * ops.exp(x)):
        assert {tensor.op for tensor in ordered([x / power])} & {"Div"} <= (
            {"Div"} if power.inputs[1:] == (c,) else set()
        )


@pytest.mark.parametrize("kernel", KERNELS.own)
@pytest.mark.parametrize("connected", [False, True])
def test_every_row_is_computed_in_one_phase(kernel, connected):
    cell = trace(KERNELS[kernel], connected, "safe", "plain")
    assert not set(cell.early) & set(cell.late)
    states = len(KERNELS[kernel].state_names(connected))
    assert set(range(states)) <= set(cell.early) | set(cell.late)
    assert (cell.signal is None) == (not connected)


def test_what_is_early_is_needed_by_nothing_late():
    cell = trace(KERNELS["hh"], True, "safe", "plain")
    read = {leaf.value for leaf in ordered(list(cell.late.values())) if leaf.op == "Row"}
    assert cell.early
    assert not read & set(cell.early)


def test_an_olive_says_its_potential_and_computes_all_when_it_has_heard():
    cell = trace(KERNELS["io"], True, "safe", "plain")
    assert not cell.early
    assert cell.rows[cell.signal.value] == "V_d"


def test_parameters_are_computed_once_as_numbers_or_per_cell():
    cell = trace(KERNELS["io"], False, "published", "plain")
    given = {name: np.array(float(value)) for name, value in KERNELS["io"].parameters.items()}
    given.update(g_CaL=np.array([0.5, 1.0]), dt=np.array(0.025), steps=np.array(40.0))
    shapes = {value.shape for value in evaluate(cell.slots, given)}
    assert shapes == {(), (2,)}
    assert len(cell.slots) < 30


def test_an_operator_without_a_spelling_is_refused():
    with pytest.raises(ValueError, match="operator is 'MatMul': expected one of"):
        computed("v", "MatMul", ["a", "b"])
