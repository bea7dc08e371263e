"""One step of a network as ONNX nodes, traced from the kernel and the coupling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, NamedTuple, Sequence

import numpy as np

from model.arrays import Array
from model.coupling import array_names, slots_of
from model.kernels import KERNELS
from model.network import Network
from neurochip_bench.backends.libraries import Handle
from neurochip_bench.backends.onnx.graph import OnnxGraph
from neurochip_bench.backends.onnx.ops import OnnxOps
from neurochip_bench.backends.onnx.stacks import stacks
from neurochip_bench.backends.onnx.write import Operator, Writer
from neurochip_bench.backends.stepping import Held, Stepping
from neurochip_bench.backends.tracer import Shape, Tensor, row_shape
from neurochip_bench.settings import Settings

# Up to so many an operator's time does not depend on its size; stacks only copy more on larger networks.
STACKED_CELLS = 1000
COUNTING = ("armed", "code")


@dataclass
class Request(Stepping):
    """What is to be exported.

    settings  with the coupling that is exported
    arrays    of the coupling's formulation, see `model.coupling.lay_out`
    inputs    of "graph", "parameters", "cell-parameters": what is an input of the file instead of a part of it
    counting  whether a step also takes a stimulus and counts spikes
    """

    network: Network
    settings: Settings
    arrays: list[Array]
    dtype: np.dtype
    inputs: tuple[str, ...] = ()
    counting: bool = False

    def __post_init__(self) -> None:
        self.kernel = KERNELS[self.network.kernel]
        self.slots = slots_of(self.network, self.settings.dt)

    def graph(self) -> dict[str, Array]:
        """Name to array of the coupling's arrays."""
        return dict(zip(array_names(self.settings.coupling, self.slots), self.arrays)) if self.settings.coupling else {}

    def is_input(self, name: str, value: Array) -> bool:
        """Whether a coupling's array or a parameter is an input."""
        if name in self.network.parameters:
            return "parameters" in self.inputs or (bool(np.ndim(value)) and "cell-parameters" in self.inputs)
        return "graph" in self.inputs

    def feeds(self) -> dict[str, Array]:
        """Name to array of all inputs but the carried ones, in the shapes and types of the file."""
        named = {**self.graph(), **self.network.parameters}
        feeds = {name: np.asarray(value) for name, value in named.items() if self.is_input(name, value)}
        if self.counting:
            feeds.update(step=np.zeros(()), stimulus=np.zeros(self.network.cells))
        return {name: in_file(value, self.dtype) for name, value in feeds.items()}

    def carried(self) -> dict[str, Array]:
        """Name to array of what one step hands to the next, at the start."""
        start = {"state": in_file(self.rows(self.network), self.dtype)}
        if self.counting:
            start.update(dict.fromkeys(COUNTING, np.zeros((1, self.network.cells), self.dtype)))
        if self.slots:
            start["ring"] = np.zeros((self.slots, self.network.cells), self.dtype)
        return start


def in_file(value: Array, dtype: np.dtype) -> Array:
    """An array as a file has it: in its precision, a vector as a row."""
    value = np.asarray(value)
    return np.array(value.reshape(row_shape(value.shape)), dtype if value.dtype.kind == "f" else None, order="C")


class Input(NamedTuple):
    """What an input of a file takes."""

    shape: Shape
    dtype: np.dtype


@dataclass
class Step:
    """One step as ONNX nodes; what is `carried` is handed from one step to the next."""

    nodes: list[Handle]
    arrays: dict[str, Array]
    inputs: dict[str, Input]  # the carried ones first
    carried: tuple[str, ...]
    made: dict[str, str]  # carried name to the name of the tensor that it becomes
    converter: str = "traced"


def trace(request: Request) -> Step:
    """The `Step` of a request."""
    graph = OnnxGraph()
    ops = OnnxOps(graph)
    cells, states = request.network.cells, len(request.carried()["state"])
    rows = [graph.operator("Row", (), (1, cells), value=i) for i in range(states)]

    def given(name: str, value: Array) -> Tensor | float:
        if request.is_input(name, value):
            return graph.input(name, np.shape(value), np.asarray(value).dtype.kind)
        return graph.constant(value) if np.ndim(value) else float(value)

    parameters = {name: given(name, value) for name, value in request.network.parameters.items()}
    arrays = [graph.tensor(given(name, value)) for name, value in request.graph().items()]

    stimulus = graph.input("stimulus", (cells,)) if request.counting else 0.0
    under_way = (graph.input("ring", (request.slots, cells)), 0) if request.slots else ()
    carried, held = [*rows, *under_way], Held(parameters, arrays, stimulus)
    counted = {}
    if request.counting:
        armed, code = (graph.input(name, (cells,)) for name in COUNTING)
        after, armed, code = request.step(ops, graph.input("step", ()), carried, armed, code, held)
        counted = {"armed": [armed], "code": [code]}
    else:
        after = request.carry(ops, carried, held)
    outputs = {"state": [graph.tensor(row) for row in after[:states]], **counted}
    if request.slots:
        outputs["ring"] = [after[states]]
    return _nodes(request, _written(rows, outputs, request))


def _written(rows: Sequence[Tensor], outputs: Mapping[str, Sequence[Tensor]], request: Request) -> Writer:
    writer = Writer(rows, outputs, request.dtype)
    if request.network.cells > STACKED_CELLS:
        return writer
    groups, leaves = stacks(
        [tensor for tensors in outputs.values() for tensor in tensors], outputs["state"], request.network.cells
    )
    stacked = Writer(rows, outputs, request.dtype, groups, leaves)
    return stacked if len(stacked.operators) < len(writer.operators) else writer


def _nodes(request: Request, writer: Writer) -> Step:
    from onnx import helper

    def attributes(operator: Operator) -> dict[str, Any]:
        return {
            name: helper.np_dtype_to_tensor_dtype(v) if name == "to" else v for name, v in operator.attributes.items()
        }

    nodes = [helper.make_node(o.op, o.inputs, o.outputs, name=o.outputs[0], **attributes(o)) for o in writer.operators]
    inputs = {name: Input(array.shape, array.dtype) for name, array in {**request.carried(), **request.feeds()}.items()}
    return Step(nodes, writer.arrays, inputs, tuple(request.carried()), writer.outputs)
