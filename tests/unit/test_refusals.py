"""What is refused at the later doors: providers, workers, exported files, an emulated chip's arithmetic."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest

from model.network import Network, build
from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.emulated_ops import Arithmetic
from neurochip_bench.backends.onnx.export import export
from neurochip_bench.backends.onnx.file import save
from neurochip_bench.backends.onnx.providers import CudaProgram
from neurochip_bench.backends.remote.worker import LIMIT, limit_s
from neurochip_bench.backends.rounding import Format

HH = build("hh", 4).rounded()
ALONE = build("lif", 4, connected=False)
EXPORTED = {"counting": True, "inputs": ("graph", "cell-parameters")}
ONNX = BACKENDS["onnxruntime-cpu-f32"]
TRUE = shutil.which("true")


@pytest.fixture(autouse=True)
def libraries():
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")


def assigned(form, **nodes):
    """What a CUDA program makes of a session whose nodes went to these providers."""
    program = CudaProgram.__new__(CudaProgram)
    program.form = form
    parts = [
        SimpleNamespace(ep_name=f"{name}ExecutionProvider", get_nodes=lambda count=count: [0] * count)
        for name, count in nodes.items()
    ]
    program._session = SimpleNamespace(get_provider_graph_assignment_info=lambda: parts)
    return program._assigned()


def test_provider_that_leaves_a_node_to_the_cpu_is_an_error_but_for_a_loop():
    with pytest.raises(RuntimeError, match="CUDAExecutionProvider was asked for and left nodes to the CPU"):
        assigned("calls", CUDA=111, CPU=1)
    assert assigned("loop", CUDA=110, CPU=2) == "CUDAExecutionProvider 110, CPUExecutionProvider 2"
    assert assigned("calls", CUDA=112) == "CUDAExecutionProvider 112"


@pytest.mark.parametrize("text", ["abc", "", "inf", "nan", "0", "-1"])
def test_workers_time_limit_that_is_none_names_its_variable(text, monkeypatch):
    monkeypatch.setenv(LIMIT, text)
    with pytest.raises(ValueError, match=f"{LIMIT} is {text!r}: expected a number of seconds above 0"):
        limit_s()


@pytest.mark.skipif(TRUE is None, reason="there is no command true")
def test_interpreter_that_says_nothing_is_no_python_and_not_ready(monkeypatch):
    monkeypatch.setenv("NEUROCHIP_IPU_PYTHON", TRUE)
    assert BACKENDS["tensorflow-ipu-f32"].missing() == (
        f"NEUROCHIP_IPU_PYTHON is {TRUE}, which is no Python: it said nothing"
    )


def spoilt(path, **facts):
    """An exported file of one step whose metadata says otherwise; None drops an entry."""
    model = export(HH, **EXPORTED)
    kept = [entry for entry in model.metadata_props if entry.key not in facts]
    entries = {**{entry.key: entry.value for entry in kept}, **{k: v for k, v in facts.items() if v is not None}}
    del model.metadata_props[:]
    for key, value in entries.items():
        model.metadata_props.add(key=key, value=value)
    save(model, path)
    return path


@pytest.mark.parametrize("facts", [{"loop": None}, {"loop": "maybe"}, {"steps": "x"}, {"steps": None}, {"steps": "40"}])
def test_file_with_false_metadata_is_refused(facts, tmp_path):
    with pytest.raises(ValueError, match=r"file .*hh.onnx .*: expected"):
        ONNX.prepare(HH, file=spoilt(tmp_path / "hh.onnx", **facts))


def test_file_that_adds_by_scatternd_is_refused(tmp_path):
    from onnx import helper

    model = export(HH, **EXPORTED)
    nodes = [helper.make_node("ScatterND", ["state", "i", "u"], ["unused"], reduction="add")]
    nodes += [helper.make_node("Constant", [], ["i"], value=helper.make_tensor("i", 7, (1, 1), [0]))]
    nodes += [helper.make_node("Constant", [], ["u"], value=helper.make_tensor("u", 1, (1, 64), [0.0] * 64))]
    for node in nodes:
        model.graph.node.insert(0, node)
    save(model, tmp_path / "hh.onnx")
    with pytest.raises(ValueError, match="adds by ScatterND, which loses additions"):
        ONNX.prepare(HH, file=tmp_path / "hh.onnx")


@pytest.mark.parametrize("options", [{"file": 3}, {"file": "x", "form": "loop"}, {"file": "x", "converter": "tf2onnx"}])
def test_file_of_another_type_or_beside_what_it_decides_is_refused(options):
    with pytest.raises(ValueError, match="expected"):
        ONNX.prepare(HH, **options)


def test_compensated_network_is_exported_and_run_from_its_file_alone(tmp_path):
    save(export(HH, accumulation="compensated", **EXPORTED), tmp_path / "hh.onnx")
    program = ONNX.prepare(HH, accumulation="compensated", file=tmp_path / "hh.onnx")
    made = ONNX.prepare(HH, accumulation="compensated", form="calls")
    assert (program.run(2).state == made.run(2).state).all()
    with pytest.raises(ValueError, match="has accumulation compensated: expected plain"):
        ONNX.prepare(HH, file=tmp_path / "hh.onnx")


@pytest.mark.parametrize(
    "change",
    [{"opset": "16"}, {"opset": None}, {"inputs": "graph"}, {"inputs": None}, {"loop": True}, {"coupling": "sparse"}],
    ids=str,
)
def test_bad_argument_of_export_gets_a_sentence(change):
    with pytest.raises(ValueError, match="expected"):
        export(ALONE, **change)


def test_number_beyond_float32_is_not_exported_as_infinity():
    with pytest.raises(ValueError, match=r"parameters\['g_L'\] holds 1e[+]300"):
        export(Network("hh", HH.state, HH.sources, HH.targets, parameters={"g_L": 1e300}))


@pytest.mark.parametrize(
    "change",
    [{"state": 3}, {"divide": "bf16"}, {"stochastic": "yes"}, {"flush": 2}, {"seed": 1.5}, {"seed": -1}],
    ids=str,
)
def test_arithmetic_that_is_none_gets_a_sentence(change):
    with pytest.raises(ValueError, match=rf"{next(iter(change))} is .*: expected"):
        Arithmetic(**change)


@pytest.mark.parametrize("bits", [("10", 8), (1.5, 8), (True, 8), (10, None)])
def test_format_of_no_whole_bits_gets_a_sentence(bits):
    with pytest.raises(ValueError, match=r"of the format is .*: expected a whole number"):
        Format(*bits)
