"""ONNX Runtime's rows: every form runs the same steps, and no provider is ever replaced by another."""

from functools import lru_cache

import numpy as np
import pytest

from model.network import build
from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.host import cores
from neurochip_bench.backends.onnx.export import export
from neurochip_bench.backends.onnx.file import save
from neurochip_bench.backends.onnx.providers import CudaProgram, OpenvinoProgram, TensorrtProgram
from neurochip_bench.backends.onnx.runtime import OnnxruntimeProgram

BACKEND = BACKENDS["onnxruntime-cpu-f32"]
EXPORTED = {"inputs": ("graph", "cell-parameters"), "counting": True}  # what a backend can run

if BACKEND.missing():
    pytest.skip(BACKEND.missing(), allow_module_level=True)


def available():
    import onnxruntime  # not above: collecting tests must not

    return onnxruntime.get_available_providers()


@lru_cache(maxsize=None)
def network(kernel, side=4):
    """A standard network, and a stimulus that makes hh and lif cells spike within 3 ms."""
    driven = {"io": 10.0, "hh": 40.0, "lif": 1.0}[kernel]
    return build(kernel, side), driven * np.random.default_rng(1).random((3, side**3))


def results(kernel, coupling=None, side=4, **options):
    built, stimulus = network(kernel, side)
    run = BACKEND.prepare(built, coupling, **options).run(3, stimulus)
    return run.state, run.first, run.trace, run.codes


def assert_identical(found, wanted):
    __tracebackhide__ = True
    assert all(np.array_equal(a, b) for a, b in zip(found, wanted))


@pytest.mark.parametrize(
    ("kernel", "coupling"), [("io", "padded"), ("hh", "gather-scatter"), ("lif", "padded"), ("lif", "gather-scatter")]
)
def test_forms_agree_to_the_last_bit_in_states_and_spikes(kernel, coupling):
    loop, calls, unrolled = (results(kernel, coupling, form=form) for form in ("loop", "calls", "unrolled"))
    assert np.isfinite(loop[0]).all()
    assert loop[3].any() == (kernel != "io")
    assert_identical(calls, loop)
    assert_identical(unrolled, loop)


@pytest.mark.skipif(cores() < 2, reason="one core")
@pytest.mark.parametrize(("coupling", "side"), [("padded", 20), ("gather-scatter", 20), ("one-hot", 5), ("dense", 5)])
def test_threads_change_no_more_than_rounding(coupling, side):
    one, two = (results("io", coupling, side, threads=threads)[0] for threads in (1, 2))
    assert np.abs(one - two).max() <= 1e-3  # mV; float32 is off by 4e-5 after a ms, a lost gap current by 5e-3


def test_program_says_what_ran_where_and_how():
    program = BACKEND.prepare(network("hh")[0], form="calls", threads=1)
    name, count = program.nodes.split()
    assert (name, program.form, program.threads, program.tf32) == ("CPUExecutionProvider", "calls", 1, None)
    assert int(count) > 0
    assert 0 < program.export_s < program.compile_s


@pytest.mark.skipif(cores() < 2, reason="one core")
def test_all_sessions_have_the_threads_that_were_asked_for(monkeypatch):
    import onnxruntime

    class Session(onnxruntime.InferenceSession):
        def __init__(self, file, options, **more):
            found.append(options.intra_op_num_threads)
            super().__init__(file, options, **more)

    found: list = []
    monkeypatch.setattr(onnxruntime, "InferenceSession", Session)
    assert BACKEND.prepare(network("lif")[0], threads=2).threads == 2
    assert found == [2, 2]


@pytest.mark.parametrize(("form", "steps"), [(None, 40), ("loop", 40), ("unrolled", 40), ("calls", 1)])
def test_steps_per_call_are_those_of_the_form(form, steps):
    program = BACKEND.prepare(network("lif")[0], form=form)
    assert program.form == (form or "loop")
    assert program.steps_per_call(100) == steps


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"form": "fast"}, "unknown form 'fast': expected one of loop, calls, unrolled"),
        ({"threads": 0}, "threads is 0: expected a whole number of at least 1"),
        ({"threads": 10**6}, "threads is 1000000: expected at most"),
        ({"converter": "magic"}, "unknown converter 'magic': expected one of traced, tf2onnx"),
        ({"provider": "CUDA"}, "unknown option 'provider': expected one of form, threads, converter"),
    ],
)
def test_bad_option_gets_a_sentence(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        BACKEND.prepare(network("lif")[0], **options)


@pytest.mark.filterwarnings("ignore:Specified provider")
@pytest.mark.parametrize("program", [OpenvinoProgram, CudaProgram, TensorrtProgram], ids=lambda p: p.provider)
def test_provider_that_the_wheel_lacks_is_an_error_and_no_run_on_the_cpu(program, monkeypatch):
    if program.provider in available():
        pytest.skip(f"{program.provider} is in the installed wheel")
    backend = next(backend for backend in BACKENDS.values() if backend.program is program)
    monkeypatch.setattr(program, "missing", classmethod(lambda cls: None))
    with pytest.raises(RuntimeError, match=f"{program.provider} was asked for, but "):
        backend.prepare(network("lif")[0])


def test_provider_that_takes_no_node_is_an_error_and_no_run_on_the_cpu(monkeypatch):
    if "AzureExecutionProvider" not in available():
        pytest.skip("the wheel has no provider that takes no node")
    monkeypatch.setattr(OnnxruntimeProgram, "provider", "AzureExecutionProvider")
    with pytest.raises(RuntimeError, match=r"AzureExecutionProvider was asked for and took no node: .*CPUEx"):
        BACKEND.prepare(network("lif")[0])


@pytest.mark.parametrize(("steps", "loop", "form"), [(1, False, "calls"), (40, True, "loop"), (40, False, "unrolled")])
def test_exported_file_runs_in_its_form_like_one_that_is_made(steps, loop, form, tmp_path):
    save(export(network("lif")[0], steps=steps, loop=loop, **EXPORTED), tmp_path / "lif.onnx")
    assert BACKEND.prepare(network("lif")[0], file=tmp_path / "lif.onnx").form == form
    assert_identical(results("lif", file=tmp_path / "lif.onnx"), results("lif"))


UNFIT = {
    "kernel": (lambda: export(network("io")[0], **EXPORTED), "has model io: expected hh"),
    "cells": (lambda: export(build("hh", 5), **EXPORTED), "has cells 125: expected 64"),
    "coupling": (lambda: export(network("hh")[0], "dense", **EXPORTED), "has coupling dense: expected padded"),
    "steps": (lambda: export(network("hh")[0], steps=3, **EXPORTED), "makes 3 steps in a run: expected 1 or 40"),
    "counting": (lambda: export(network("hh")[0], inputs=("graph", "cell-parameters")), "has armed .*--counting"),
    "constants": (lambda: export(network("hh")[0], counting=True), "has neighbours .*--inputs graph"),
}


@pytest.mark.parametrize(("make", "sentence"), UNFIT.values(), ids=UNFIT)
def test_file_of_something_else_gets_a_sentence(make, sentence, tmp_path):
    save(make(), tmp_path / "file.onnx")
    with pytest.raises(ValueError, match=f"file .*file.onnx {sentence}") as refusal:
        BACKEND.prepare(network("hh")[0], file=tmp_path / "file.onnx")
    assert "expected" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("content", [None, b"", b"not ONNX", bytes(1000)], ids=["missing", "empty", "text", "zeros"])
def test_file_that_is_no_export_gets_a_sentence(content, tmp_path):
    if content is not None:
        (tmp_path / "file.onnx").write_bytes(content)
    with pytest.raises(ValueError, match=r"file .*file.onnx .*: expected") as refusal:
        BACKEND.prepare(network("hh")[0], file=tmp_path / "file.onnx")
    assert "\n" not in str(refusal.value)
