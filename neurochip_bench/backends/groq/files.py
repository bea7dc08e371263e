"""The three ONNX files of a package for a GroqChip: one puts the state there, one makes steps, one reads it back.

What one run of the steps hands to the next is one array, since what the compiler ties together on the chip are tensors
by name: rows of the state, whether a cell is armed, and the spike code of the millisecond.
"""

from __future__ import annotations

from typing import Sequence

import numpy as np

from model.arrays import Array, Reals
from model.network import Network
from neurochip_bench.backends.libraries import Handle
from neurochip_bench.backends.onnx.file import build_file
from neurochip_bench.backends.onnx.step import Request, in_file, trace
from neurochip_bench.settings import Settings

NAMES = ("load", "steps", "read")
TIED = ("loaded", "held", "kept_next", "kept")  # one place on the chip under four names
GIVEN, RESULT = "given", "result"
OPSET = 16  # the SDK's default


def package(request: Request, steps: int) -> dict[str, Handle]:
    """The ONNX models by name, for so many steps in one run."""
    step = trace(request)
    # Whether the chip takes an array of no dimension is not documented: one number is a row of one.
    step.inputs = {name: taken._replace(shape=taken.shape or (1, 1)) for name, taken in step.inputs.items()}
    shape = kept(request).shape
    models = (
        _copy(GIVEN, "loaded", shape, request.dtype),
        _tied(build_file(request, step, steps, opset=OPSET), request),
        _copy("held", RESULT, shape, request.dtype),
    )
    return dict(zip(NAMES, models))


def request_for(network: Network, settings: Settings, arrays: list[Array], dtype: np.dtype) -> Request:
    """What is exported: what differs between networks of a shape is an input."""
    return Request(network, settings, arrays, dtype, ("graph", "cell-parameters"), counting=True)


def as_input(value: Array, dtype: np.dtype) -> Array:
    """An array as the files take it."""
    array = in_file(value, dtype)
    return array if array.ndim else array.reshape(1, 1)


def kept(request: Request) -> Reals:
    """What is kept on the chip, at the start of a run: all that is carried, the state first."""
    return np.concatenate(list(request.carried().values()))


def _info(name: str, shape: Sequence[int], dtype: np.dtype | type) -> Handle:
    from onnx import helper

    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(dtype)), shape)


def _copy(source: str, target: str, shape: Sequence[int], dtype: np.dtype) -> Handle:
    from onnx import helper

    node = helper.make_node("Identity", [source], [target])
    graph = helper.make_graph([node], target, [_info(source, shape, dtype)], [_info(target, shape, dtype)])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)


def _tied(model: Handle, request: Request) -> Handle:
    """The model with `kept` in place of what goes in and comes out; a code of spikes starts with its millisecond."""
    from onnx import checker, helper, numpy_helper

    graph, carried, dtype = model.graph, request.carried(), request.dtype
    parts = [name if name != "code" else "code_before" for name in carried]
    shape = kept(request).shape
    free = [value for value in graph.input if value.name not in carried]
    nodes = [helper.make_node("Split", ["kept", "sizes"], parts, axis=0)]
    constants = {"sizes": np.array([len(part) for part in carried.values()], np.int64)}
    if any(value.name == "step" for value in free):
        constants["one"] = np.ones((1, 1), dtype)
        nodes.append(helper.make_node("Min", ["step", "one"], ["same_millisecond"]))
        nodes.append(helper.make_node("Mul", ["code_before", "same_millisecond"], ["code"]))
    else:
        constants["code"] = np.zeros((1, shape[1]), dtype)
    ends = [f"{name}_next" for name in carried]
    nodes = [*nodes, *map(_gathering, graph.node), helper.make_node("Concat", ends, ["kept_next"], axis=0)]
    arrays = [*graph.initializer, *(numpy_helper.from_array(value, name) for name, value in constants.items())]
    inputs, outputs = [_info("kept", shape, dtype), *free], [_info("kept_next", shape, dtype)]
    made = helper.make_graph(nodes, graph.name, inputs, outputs, arrays)
    tied = helper.make_model(made, opset_imports=model.opset_import, ir_version=model.ir_version)
    checker.check_model(tied, full_check=True)
    return tied


def _gathering(node: Handle) -> Handle:
    """The node; of one-dimensional arrays GatherElements is Gather, which is known to compile."""
    from onnx import helper

    if node.op_type != "GatherElements":
        return node
    return helper.make_node("Gather", node.input, node.output, name=node.name, axis=0)
