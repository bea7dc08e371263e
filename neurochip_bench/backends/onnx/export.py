"""A network's step as an ONNX file: traced from the kernel, or converted from TensorFlow by tf2onnx."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from model.checks import DTYPES, one_of, whole_number, yes_or_no
from model.coupling import lay_out
from model.kernels import DT, KERNELS
from model.network import Network, a_network
from neurochip_bench.backends.libraries import Handle
from neurochip_bench.backends.onnx.file import build_file
from neurochip_bench.backends.onnx.step import Request, Step, trace
from neurochip_bench.backends.program import check_range
from neurochip_bench.settings import Settings

INPUTS = ("graph", "parameters", "cell-parameters")
CONVERTERS = ("traced", "tf2onnx")


def export(
    network: Network, coupling: str | None = None, rates: str = "safe", dt: float = DT, *, steps: int = 1,
    loop: bool = False, opset: int = 16, precision: str = "f32", inputs: Collection[str] = (), counting: bool = False,
    converter: str = "traced", **settings: Any,  # of the types that the fields of `Settings` have
) -> Handle:  # fmt: skip
    """An ONNX model (`onnx.ModelProto`) of a network's step, its state going in and coming out.

    coupling, rates, dt   see `Settings`, and so for what else it has; without a coupling it is "padded"
    steps      in one run of the model, written one after another, or with `loop` as a Loop
    opset      13 to what the installed onnx knows; "gather-scatter" from 16 on; tf2onnx up to 18
    inputs     of "graph" (the coupling's arrays), "parameters", "cell-parameters" (those with a value per cell):
               what is an input of the file instead of a part of it
    counting   whether it also takes a stimulus and counts spikes, see `neurochip_bench.run.count_spikes`
    converter  "traced": the kernel written straight as ONNX; "tf2onnx": converted from TensorFlow

    Raises ValueError for anything else, and for a file that would be larger than ONNX's 2 GiB.
    """
    if isinstance(inputs, str) or not isinstance(inputs, Collection):
        raise ValueError(f"inputs is {inputs!r}: expected a collection of {', '.join(INPUTS)}")
    for name in inputs:
        one_of("input", name, INPUTS)
    one_of("converter", converter, CONVERTERS)
    steps, loop, counting = whole_number("steps", steps, 1), yes_or_no("loop", loop), yes_or_no("counting", counting)
    opset = whole_number("opset", opset, 1)
    if loop and steps == 1:
        raise ValueError("loop is True for 1 step: expected at least 2")
    one_of("precision", precision, ("f32", "f64"))
    dtype, kernel = DTYPES[precision], KERNELS[a_network(network).kernel]
    chosen = Settings(kernel, coupling, rates, dt, **settings)
    check_range(network, dtype)
    chosen = chosen.but(kernel, coupling=(coupling or "padded") if network.connected else None)
    arrays = lay_out(chosen.coupling, network, dtype, dt) if chosen.coupling else []
    request = Request(network, chosen, arrays, dtype, tuple(inputs), counting)
    return build_file(request, step_of(request, converter, opset), steps, loop, opset)


def step_of(request: Request, converter: str = "traced", opset: int = 16) -> Step:
    """The `Step` of a request by either road."""
    if converter == "tf2onnx":
        from neurochip_bench.backends.onnx.convert import convert

        return convert(request, opset)
    return trace(request)
