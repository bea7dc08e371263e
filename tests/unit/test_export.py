"""Exported files and the command that writes them: what they say of themselves, and what is refused."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

import neurochip_bench as package
from model.coupling import FORMULATIONS
from model.kernels import KERNELS
from model.network import Network, build
from neurochip_bench.backends.onnx.export import export
from neurochip_bench.backends.onnx.file import save

ALONE = build("lif", 4, connected=False)
SMALL = ("--kernel", "lif", "--side", "4")


@pytest.fixture(autouse=True, scope="module")
def library():
    """Imported here, since collecting tests must not."""
    pytest.importorskip("onnx")


def props(model):
    return {prop.key: prop.value for prop in model.metadata_props}


def shapes(values):
    from onnx import TensorProto

    kinds = {TensorProto.FLOAT: "f4", TensorProto.DOUBLE: "f8", TensorProto.INT32: "i4"}
    types = [value.type.tensor_type for value in values]
    return [(v.name, tuple(d.dim_value for d in t.shape.dim), kinds[t.elem_type]) for v, t in zip(values, types)]


@pytest.mark.parametrize("form", [(1, False), (3, False), (3, True)], ids=["one", "unrolled", "loop"])
@pytest.mark.parametrize("coupling", [None, *FORMULATIONS])
@pytest.mark.parametrize("kernel", KERNELS)
def test_saved_file_passes_the_full_check_of_onnx(kernel, coupling, form, tmp_path):
    from onnx import checker

    steps, loop = form
    save(export(build(kernel, 4, coupling is not None), coupling, steps=steps, loop=loop), tmp_path / "step.onnx")
    checker.check_model(str(tmp_path / "step.onnx"), full_check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["step.onnx"]


def test_file_says_what_it_is():
    from onnx import ModelProto

    network = build("hh", 5, seed=7, topology="authors")
    model = export(network, "dense", "published", 0.05, steps=2, loop=True, precision="f64")
    words = {"version": package.__version__, "model": "hh", "topology": "authors", "coupling": "dense"}
    words.update(rates="published", precision="float64", converter="traced")
    numbers: dict = {"cells": 125, "connections": 625, "seed": 7, "dt_ms": 0.05, "steps": 2, "loop": True}
    numbers.update(states=["V", "m", "h", "n", "I_syn"], parameters=dict(KERNELS["hh"].parameters))
    said = props(ModelProto.FromString(model.SerializeToString()))
    assert {key: said[key] for key in words} == words
    assert {key: json.loads(said[key]) for key in numbers} == numbers


def test_file_of_an_unconnected_network_drawn_by_hand_says_so():
    said = props(export(Network("lif", np.zeros((1, 3)), [], [])))
    assert [said[key] for key in ("topology", "seed", "coupling", "states")] == ["null", "null", "null", '["V"]']


def test_parameters_per_cell_are_not_among_the_scalars_that_a_file_says():
    assert set(KERNELS["io"].parameters) - set(json.loads(props(export(build("io", 4)))["parameters"])) == {"g_CaL"}


@pytest.mark.parametrize(
    ("inputs", "more"),
    [
        ((), []),
        (("graph",), [("neighbours", (15, 64), "i4"), ("weights", (), "f4")]),
        (("cell-parameters",), [("g_CaL", (1, 64), "f4")]),
        (
            ("graph", "cell-parameters"),
            [("neighbours", (15, 64), "i4"), ("weights", (), "f4"), ("g_CaL", (1, 64), "f4")],
        ),
    ],
)
def test_inputs_are_the_state_and_what_was_asked_for(inputs, more):
    graph = export(build("io", 4), inputs=inputs).graph
    assert shapes(graph.input) == [("state", (14, 64), "f4"), *more]
    assert shapes(graph.output) == [("state_next", (14, 64), "f4")]


def test_compensated_file_has_a_row_more_for_each_state():
    graph = export(build("hh", 4, connected=False), accumulation="compensated").graph
    assert shapes(graph.input) == [("state", (8, 64), "f4")]
    assert shapes(graph.output) == [("state_next", (8, 64), "f4")]


def test_no_other_setting_is_taken():
    with pytest.raises(TypeError, match="unroll"):
        export(ALONE, unroll=3)


def test_all_parameters_can_be_inputs():
    network = build("io", 4, uniform=True)
    graph = export(network, "one-hot", inputs=("parameters",), precision="f64").graph
    assert shapes(graph.input)[1:] == [(name, (), "f8") for name in KERNELS["io"].parameters]


def test_counting_file_takes_a_stimulus_and_carries_two_rows_more():
    graph = export(ALONE, counting=True).graph
    rows = [(name, (1, 64), "f4") for name in ("state", "armed", "code")]
    assert shapes(graph.input) == [*rows, ("step", (), "f4"), ("stimulus", (1, 64), "f4")]
    assert shapes(graph.output) == [(f"{name}_next", *rest) for name, *rest in rows]


def scattered(opset):
    return export(build("lif", 4), "gather-scatter", opset=opset)


@pytest.mark.parametrize(("opset", "version"), [(13, 8), (16, 8), (18, 8), (19, 9), (21, 10)])
def test_ir_version_is_8_or_the_least_that_the_opset_needs(opset, version):
    model = export(ALONE, opset=opset)
    assert (model.opset_import[0].version, model.ir_version) == (opset, version)


REFUSED = {
    "opset-old": (lambda: export(ALONE, opset=12), "opset is 12: expected 13 to"),
    "opset-new": (lambda: export(ALONE, opset=99), r"opset is 99: expected 13 to \d+ \(traced\)"),
    "opset-of-a-sum": (lambda: scattered(13), "opset is 13: expected at least 16 for coupling 'gather-scatter'"),
    "opset-before-a-sum": (lambda: scattered(15), "opset is 15: expected at least 16 for coupling 'gather-scatter'"),
    "input": (lambda: export(ALONE, inputs=("state",)), "unknown input 'state'.*graph, parameters, cell-parameters"),
    "converter": (lambda: export(ALONE, converter="magic"), "unknown converter 'magic'.*traced, tf2onnx"),
    "precision": (lambda: export(ALONE, precision="f16"), "unknown precision 'f16'.*f32, f64"),
    "rates": (lambda: export(ALONE, rates="slow"), "unknown rates 'slow'.*safe, published"),
    "coupling": (lambda: export(build("lif", 4), "sparse"), "unknown coupling 'sparse'.*gather-scatter, padded"),
    "steps": (lambda: export(ALONE, steps=0), "steps is 0.*at least 1"),
    "loop": (lambda: export(ALONE, loop="yes"), "loop is 'yes'.*True or False"),
    "counting": (lambda: export(ALONE, counting=1), "counting is 1.*True or False"),
    "dt": (lambda: export(ALONE, dt=0.05), "dt is 0.05: expected 0.025 for lif"),
    "accumulation": (lambda: export(ALONE, accumulation="kahan"), "unknown accumulation 'kahan'.*plain, compensated"),
    "a-map-compensated": (
        lambda: export(ALONE, accumulation="compensated"),
        "accumulation is 'compensated': expected 'plain' for lif, whose state is not accumulated",
    ),
    "network": (lambda: export("lif"), "network is str: expected"),
}


@pytest.mark.parametrize(("call", "pieces"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_exported_gets_a_sentence(call, pieces):
    with pytest.raises(ValueError, match=pieces) as refusal:
        call()
    assert "expected" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.slow  # tf2onnx is imported for it: two seconds
@pytest.mark.parametrize("opset", [12, 19])
def test_tf2onnx_refuses_opsets_that_it_does_not_know(opset):
    pytest.importorskip("tf2onnx")
    with pytest.raises(ValueError, match=f"opset is {opset}: expected .*18.*tf2onnx"):
        export(ALONE, opset=opset, converter="tf2onnx")


@pytest.mark.parametrize("library", ["tensorflow", "tf2onnx"])
def test_converter_without_its_library_says_what_to_install(library, monkeypatch):
    if library != "tensorflow":
        pytest.importorskip("tensorflow")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(
        RuntimeError, match=rf"{library} is not installed \(python -m pip install 'neurochip-bench\[tf2onnx\]'\)"
    ):
        export(ALONE, converter="tf2onnx")


def test_constants_beyond_the_limit_of_onnx_are_refused_and_fit_as_inputs(monkeypatch):
    monkeypatch.setattr("neurochip_bench.backends.onnx.file.LIMIT", 10_000)
    network = build("io", 9)  # whose table of neighbours takes 60 kB
    with pytest.raises(ValueError, match=r"constants would take .* expected less than .* 2 GiB.*--inputs graph,cell"):
        export(network)
    assert export(network, inputs=("graph", "cell-parameters")).ByteSize() < 30_000
