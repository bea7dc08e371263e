"""One step of a network as ONNX nodes, converted from TensorFlow by tf2onnx: the published road."""

from __future__ import annotations

from typing import Callable, Mapping, Sequence, Tuple

import numpy as np

from model.arrays import Array
from neurochip_bench.backends.libraries import Handle, Library
from neurochip_bench.backends.onnx.step import COUNTING, Input, Request, Step
from neurochip_bench.backends.stepping import Held


def convert(request: Request, opset: int = 16) -> Step:
    """The `Step` of a request, in the operators of an opset.

    Raises RuntimeError without TensorFlow or tf2onnx, ValueError for delays and an opset that tf2onnx does not know.
    """
    if request.slots:
        raise ValueError("converter is 'tf2onnx' for a network with delays: expected 'traced'")
    try:
        import tensorflow as tf
        import tf2onnx
    except ImportError as error:
        raise RuntimeError(
            f"{error.name} is not installed (python -m pip install 'neurochip-bench[tf2onnx]')"
        ) from error
    most = max(tf2onnx.constants.OPSET_TO_IR_VERSION)
    if opset > most:
        raise ValueError(f"opset is {opset}: expected at most {most}, the last that tf2onnx knows")
    arrays = {**request.carried(), **request.feeds()}
    signature = [tf.TensorSpec(array.shape, array.dtype, name) for name, array in arrays.items()]
    function = tf.function(_function(tf, request, list(arrays)), input_signature=signature, autograph=False)
    model, _ = tf2onnx.convert.from_function(function, signature, opset=opset)
    return _step(request, arrays, model.graph)


def _function(tf: Library, request: Request, names: Sequence[str]) -> Callable[..., Tuple[Array, ...]]:
    """A step as a function of the file's inputs, in their shapes."""
    from neurochip_bench.backends.tensorflow_ops import TensorflowOps

    ops = TensorflowOps(tf, request.dtype)
    ops.summed_singly = 0  # as a table: tf2onnx makes a dozen operators for each neighbour

    def step(*tensors: Array) -> Tuple[Array, ...]:
        given = dict(zip(names, tensors))

        def tensor(name: str, value: Array) -> Array:
            """An input in the shape that the kernel expects, or a constant."""
            if name in given:
                return tf.reshape(given[name], np.shape(value))
            return tf.constant(value, request.dtype if np.asarray(value).dtype.kind == "f" else None)

        parameters = {name: tensor(name, value) for name, value in request.network.parameters.items()}
        arrays = [tensor(name, value) for name, value in request.graph().items()]

        held = Held(parameters, arrays, given["stimulus"][0] if request.counting else 0.0)
        rows = tf.unstack(given["state"])
        if not request.counting:
            return (tf.stack(request.carry(ops, rows, held)),)
        armed, code = (given[name][0] for name in COUNTING)
        rows, armed, code = request.step(ops, given["step"], rows, armed, code, held)
        return tf.stack(rows), armed[None], code[None]

    return step


def _step(request: Request, arrays: Mapping[str, Array], graph: Handle) -> Step:
    from onnx import numpy_helper

    inputs = {name: Input(array.shape, array.dtype) for name, array in arrays.items()}
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    nodes = [made for node in graph.node for made in _exact(node, constants)]
    carried = tuple(request.carried())
    made = {name: output.name for name, output in zip(carried, graph.output)}
    return Step(nodes, constants, inputs, carried, made, converter="tf2onnx")


def _exact(node: Handle, constants: dict[str, Array]) -> list[Handle]:
    """The node, or for a sum by ScatterND, which loses additions on several threads, one by ScatterElements."""
    from onnx import helper

    if node.op_type != "ScatterND" or not any(a.name == "reduction" and a.s == b"add" for a in node.attribute):
        return [node]
    data, indices, updates = node.input
    constants["one_dimension"] = np.array([-1], np.int64)
    flat = f"{node.output[0]}/indices"
    return [
        helper.make_node("Reshape", [indices, "one_dimension"], [flat], name=flat),
        helper.make_node(
            "ScatterElements", [data, flat, updates], node.output, name=node.name, axis=0, reduction="add"
        ),
    ]
