"""ONNX files of steps: one step, several written one after another, or a Loop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Mapping, Sequence

import numpy as np

import neurochip_bench as package
from neurochip_bench import files
from neurochip_bench.backends.libraries import Handle
from neurochip_bench.backends.onnx.step import Request, Step

LIMIT = 2**31 - 2**20  # bytes that a file may have, less what its nodes take
LEAST_OPSET = 13  # Split and ReduceSum take sizes and axes as inputs since then


def fused(step: Step, steps: int = 1, loop: bool = False) -> tuple[list[Handle], dict[str, str]]:
    """(nodes, outputs) of several steps in one graph; `outputs` is carried name to tensor."""
    from onnx import helper

    if steps == 1:
        return _renamed(step, {name: name for name in step.inputs}, "")
    if loop:
        return _loop(step, steps)
    nodes, now = [], {name: name for name in step.carried}
    for i in range(steps):
        if "step" in step.inputs:
            now["step"] = f"number_{i}"
            nodes.append(helper.make_node("Constant", [], [now["step"]], value=_number(step, i)))
        renamed, now = _renamed(step, now, f"{i}/")
        nodes += renamed
    return nodes, now


def _number(step: Step, value: int) -> Handle:
    from onnx import numpy_helper

    return numpy_helper.from_array(np.array(value, step.inputs["step"].dtype))


def _renamed(step: Step, now: Mapping[str, str], prefix: str) -> tuple[list[Handle], dict[str, str]]:
    """The step's nodes with `prefix` before all they make, using the tensors `now`; and what is carried on."""
    made = {output: f"{prefix}{output}" for node in step.nodes for output in node.output}
    names = {**made, **now}
    nodes = []
    for node in step.nodes:
        copy = type(node)()
        copy.CopyFrom(node)
        copy.name = f"{prefix}{node.name}"
        copy.input[:] = [names.get(name, name) for name in node.input]
        copy.output[:] = [names.get(name, name) for name in node.output]
        nodes.append(copy)
    return nodes, {name: names.get(output, output) for name, output in step.made.items()}


def _ended(nodes: list[Handle], results: Mapping[str, str], made: Mapping[str, str]) -> list[Handle]:
    """The nodes with the tensors `made` under their names as `results`; one that no node makes is copied."""
    from onnx import helper

    own = {output for node in nodes for output in node.output}
    names = {tensor: results[name] for name, tensor in made.items() if tensor in own}
    for node in nodes:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    copied = [(names.get(made[name], made[name]), result) for name, result in results.items()]
    return nodes + [helper.make_node("Identity", [a], [b], name=b) for a, b in copied if a != b]


def _loop(step: Step, steps: int) -> tuple[list[Handle], dict[str, str]]:
    from onnx import TensorProto, helper

    boolean, integer = TensorProto.BOOL, TensorProto.INT64
    body, made = _renamed(step, {**{name: f"loop/{name}" for name in step.carried}, "step": "loop/step"}, "loop/")
    if "step" in step.inputs:
        kind = helper.np_dtype_to_tensor_dtype(step.inputs["step"].dtype)
        body.insert(0, helper.make_node("Cast", ["loop/iteration"], ["loop/step"], to=kind))
    body.append(helper.make_node("Identity", ["loop/on"], ["loop/still_on"]))
    body = _ended(body, {name: f"loop/{name}_next" for name in made}, made)
    inputs = [
        helper.make_tensor_value_info("loop/iteration", integer, ()),
        helper.make_tensor_value_info("loop/on", boolean, ()),
    ]
    inputs += [_info(f"loop/{name}", *step.inputs[name]) for name in step.carried]
    outputs = [helper.make_tensor_value_info("loop/still_on", boolean, ())]
    outputs += [_info(f"loop/{name}_next", *step.inputs[name]) for name in step.carried]
    graph = helper.make_graph(body, "step", inputs, outputs)
    results = {name: f"after_{name}" for name in step.carried}
    count = helper.make_node("Constant", [], ["steps"], value=helper.make_tensor("steps", integer, (), [steps]))
    on = helper.make_node("Constant", [], ["on"], value=helper.make_tensor("on", boolean, (), [True]))
    node = helper.make_node(
        "Loop", ["steps", "on", *step.carried], list(results.values()), name="steps_loop", body=graph
    )
    return [count, on, node], results


def _info(name: str, shape: Sequence[int], dtype: np.dtype | type) -> Handle:
    from onnx import helper

    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), shape)


def build_file(request: Request, step: Step, steps: int = 1, loop: bool = False, opset: int = 16) -> Handle:
    """The checked ONNX model of a traced or converted step.

    steps   in one run of the file, written one after another, or with `loop` as a Loop
    Raises ValueError for an opset that cannot hold it and for arrays beyond ONNX's 2 GiB.
    """
    from onnx import checker, helper, numpy_helper

    _check_opset(opset, request, step)
    size = sum(array.nbytes for array in step.arrays.values())
    if size > LIMIT:
        raise ValueError(
            f"the file's constants would take {size / 2**30:.1f} GiB: expected less than ONNX's limit of 2 GiB, "
            "make them inputs (--inputs graph,cell-parameters)"
        )
    nodes, made = fused(step, steps, loop)
    nodes = _ended(nodes, {name: f"{name}_next" for name in made}, made)
    free = [name for name in step.inputs if name != "step" or steps == 1]
    inputs = [_info(name, *step.inputs[name]) for name in free]
    outputs = [_info(f"{name}_next", *step.inputs[name]) for name in step.carried]
    arrays = [numpy_helper.from_array(array, name) for name, array in step.arrays.items()]
    graph = helper.make_graph(nodes, f"{request.network.kernel}_{steps}_steps", inputs, outputs, arrays)
    opsets = [helper.make_opsetid("", opset)]
    version = max(8, helper.find_min_ir_version_for(opsets))
    model = helper.make_model(graph, opset_imports=opsets, ir_version=version, producer_name="neurochip-bench")
    model.producer_version = package.__version__
    helper.set_model_props(model, metadata(request, step.converter, steps, loop))
    checker.check_model(model, full_check=True)
    return model


def _check_opset(opset: int, request: Request, step: Step) -> None:
    import onnx

    most = onnx.defs.onnx_opset_version() if step.converter == "traced" else 18
    if not LEAST_OPSET <= opset <= most:
        raise ValueError(f"opset is {opset}: expected {LEAST_OPSET} to {most} ({step.converter})")
    if request.settings.coupling == "gather-scatter" and opset < 16:
        raise ValueError(
            f"opset is {opset}: expected at least 16 for coupling 'gather-scatter', whose sum came with it"
        )


def metadata(request: Request, converter: str, steps: int, loop: bool) -> dict[str, str]:
    """What the file says of itself: strings by name."""
    network, kernel = request.network, request.kernel
    scalars = {name: float(v) for name, v in network.parameters.items() if not np.ndim(v)}
    facts = {
        "version": package.__version__,
        "model": network.kernel,
        "cells": network.cells,
        "connections": network.connections,
        "topology": network.topology,
        "seed": network.seed,
        **request.settings.facts(),
        "delay_slots": request.slots,
        "steps": steps,
        "loop": loop,
        "precision": f"float{request.dtype.itemsize * 8}",
        "converter": converter,
        "states": list(kernel.state_names(network.connected)),
        "parameters": scalars,
    }
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in facts.items()}


def save(model: Handle, path: str | Path) -> None:
    """Write a model whole or not at all; ValueError where that cannot be done."""
    try:
        files.write(path, model.SerializeToString())
    except OSError as error:
        raise ValueError(f"output is {path}: expected a file that can be written ({error.strerror})") from error


def first_row(rows: int, cells: int, dtype: np.dtype) -> Handle:
    """A model that copies the first row of a state, so that no more than that is read back."""
    from onnx import helper, numpy_helper

    node = helper.make_node("Gather", ["state", "first"], ["row"], axis=0)
    first = numpy_helper.from_array(np.array([0], np.int64), "first")
    graph = helper.make_graph(
        [node], "first_row", [_info("state", (rows, cells), dtype)], [_info("row", (1, cells), dtype)], [first]
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", LEAST_OPSET)], ir_version=8)
