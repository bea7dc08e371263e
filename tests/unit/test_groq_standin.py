"""The stand-in for GroqWare's tools and runtime: what it runs, and that it refuses what the real one refuses."""

from __future__ import annotations

import importlib.util

import pytest

from tests.helpers.standins import outcomes

PRELUDE = """
import os, subprocess
from functools import lru_cache
import numpy as np
from onnx import TensorProto, helper
import groq.runtime as runtime

def model(name, source, target, op="Add", shape=(1, 4), kind=TensorProto.FLOAT, opset=16):
    graph = helper.make_graph(
        [helper.make_node(op, [source] if op in ("Identity", "Loop") else [source, source], [target])], "graph",
        [helper.make_tensor_value_info(source, kind, shape)], [helper.make_tensor_value_info(target, kind, shape)])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    with open(f"{name}.onnx", "wb") as file:
        file.write(made.SerializeToString())
    return f"{name}.onnx"

def tool(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr.strip().splitlines()[-1])

@lru_cache(None)  # each tool is a process
def compiled(**options):
    tool("groq-compiler", model("m", "x", "y", **options), "-o", "m")
    tool("aa-latest", "m.aa", "--output-iop", "m.iop")

@lru_cache(None)
def packed():
    files = [model("in", "given", "loaded", "Identity"), model("step", "state", "next")]
    files.append(model("out", "held", "y", "Identity"))
    tool("groq-compiler", "--persistent=loaded,held,next,state", "-o", "p", "--coresident", *files)
    for i in range(3):
        previous = ["--program-package", f"{i - 1}.iop"] if i else []
        tool("aa-latest", f"p.{i}.aa", "--output-iop", f"{i}.iop", *previous)

def single(**options):
    compiled(**options)
    return runtime.IOProgram("m.iop")

def package():
    packed()
    return runtime.IOProgram("2.iop")

def buffers(program):
    entry = program.entry_points[0]
    return runtime.BufferArray(entry.input, 1)[0], runtime.BufferArray(entry.output, 1)[0]

def tensor(program):
    return program.entry_points[0].input.tensors[0]

ones = np.ones((1, 4), np.float32)
device = runtime.Driver().next_available_device()
"""
SINGLE = "(p,) = single(); i, o = buffers(p); "
CASES = {  # name: (code, what becomes of it)
    "a program runs": (
        SINGLE + "tensor(p).from_host(ones, i)\n"
        "with device:\n"
        "    device.load(p); device.invoke(i, o)\n"
        "    y = p.entry_points[0].output.tensors[0]; array = y.allocate_numpy_array(); y.to_host(o, array)\n"
        "    assert (array == 2).all()",
        "fine",
    ),
    "a package shares what is tied": (
        "a, b, c = package(); (ai, ao), (bi, bo), (ci, co) = map(buffers, (a, b, c)); tensor(a).from_host(ones, ai)\n"
        "with device:\n"
        "    device.load(a); [device.load(p, unsafe_keep_entry_points=True) for p in (b, c)]\n"
        "    device.invoke(ai, ao); device.invoke(bi, bo); device.invoke(bi, bo); device.invoke(ci, co)\n"
        "    assert (co.values['y'] == 4).all() and not b.entry_points[0].input.tensors",
        "fine",
    ),
    "what was never written is not a number": (
        "a, b, c = package(); ci, co = buffers(c)\n"
        "with device:\n"
        "    device.load(c); device.invoke(ci, co); assert np.isnan(co.values['y']).all()",
        "fine",
    ),
    "a runner copies in and out": (
        "import groq.runner.tsp as tsp; single(); assert (tsp.create_tsp_runner('m.iop')(x=ones)['y'] == 2).all()",
        "fine",
    ),
    "statistics are saved": (
        "tool('groq-compiler', model('m', 'x', 'y'), '--save-stats', 's.json', '-o', 'm'); import json; "
        "assert json.load(open('s.json'))['total_cycles'] > 0",
        "fine",
    ),
    "it names itself": ("assert os.environ['NEUROCHIP_GROQ_NAME'] == 'stand-in'", "fine"),
    # refusals of the tools
    "no such flag of the compiler": (
        "tool('groq-compiler', '--fast', 'm.onnx', '-o', 'm')",
        "groq-compiler: error: unre",
    ),
    "no such flag of the assembler": (
        "tool('aa-latest', 'm.aa', '--fast', '--output-iop', 'm')",
        "aa-latest: error: unre",
    ),
    "an opset that is too new": ("single(opset=17)", "error: opset 17: expected 13 to 16"),
    "control flow": ("single(op='Loop')", "error: unsupported operator Loop"),
    "float64": ("single(kind=TensorProto.DOUBLE)", "error: input x has an unsupported type"),
    "no dimension": ("single(shape=())", "error: input x has no dimension"),
    "several models that are not coresident": (
        "tool('groq-compiler', model('a', 'x', 'y'), model('b', 'x', 'y'), '-o', 'm')",
        "error: several models: expected --coresident",
    ),
    "a tied tensor that is not there": (
        "tool('groq-compiler', '--persistent=z', model('a', 'x', 'y'), '-o', 'm')",
        "error: --persistent: no tensor z",
    ),
    "a package of a program alone": (
        "single(); tool('aa-latest', 'm.aa', '--output-iop', 'n.iop', '--program-package', 'm.iop')",
        "error: --program-package: expected a program that was compiled with --coresident",
    ),
    # refusals of the runtime
    "a device that is not open": (SINGLE + "device.invoke(i, o)", "RuntimeError: the device is not open"),
    "loading into a device that is not open": ("device.load(single()[0])", "RuntimeError: the device is not open"),
    "no second device": (
        "driver = runtime.Driver(); [driver.next_available_device() for _ in range(2)]",
        "RuntimeError: no device is available",
    ),
    "a program that is not loaded": (
        SINGLE + "tensor(p).from_host(ones, i)\nwith device:\n    device.invoke(i, o)",
        "RuntimeError: program program is not loaded",
    ),
    "entry points that were not kept": (
        "a, b, c = package(); i, o = buffers(a); tensor(a).from_host(ones, i)\n"
        "with device:\n    device.load(a); device.load(b); device.invoke(i, o)",
        "RuntimeError: program program is not loaded",
    ),
    "buffers of two programs": (
        "a, b, c = package(); i, o = buffers(a)[0], buffers(b)[1]\n"
        "with device:\n    device.load(a); device.invoke(i, o)",
        "RuntimeError: these are not the buffers of one entry point",
    ),
    "an input that was not set": (
        SINGLE + "\nwith device:\n    device.load(p); device.invoke(i, o)",
        "RuntimeError: nothing was put into x",
    ),
    "an input that is a Python list": (
        SINGLE + "tensor(p).from_host([1.0] * 4, i)",
        "TypeError: x is list: expected an",
    ),
    "an input of another type": (
        SINGLE + "tensor(p).from_host(ones.astype(float), i)",
        "ValueError: x is float64 (1, 4): expected float32 (1, 4)",
    ),
    "an input of another shape": (
        SINGLE + "tensor(p).from_host(ones[0], i)",
        "ValueError: x is float32 (4,): expected float32 (1, 4)",
    ),
}


@pytest.fixture(scope="module")
def results():
    for name in ("onnx", "onnxruntime"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed (python -m pip install 'neurochip-bench[onnx]')")
    return outcomes("groq", PRELUDE, {name: code for name, (code, _) in CASES.items()})


@pytest.mark.slow  # another Python is started for it: two seconds; test_standins.py runs programs on it
@pytest.mark.parametrize("name", CASES)
def test_the_stand_in_runs_or_refuses_as_the_real_one(results, name):
    assert results[name].removeprefix("SystemExit: ").startswith(CASES[name][1]), results[name]
