"""An exported file read back, if it is one of the network that is to be run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Mapping, NamedTuple

from neurochip_bench.backends.libraries import Handle
from neurochip_bench.backends.onnx.file import metadata
from neurochip_bench.backends.onnx.step import Request
from neurochip_bench.backends.onnx.targets import nodes_of, reduces

CHECKED = ("model", "cells", "delay_slots", "precision", "states", "parameters")  # and the settings


class Exported(NamedTuple):
    """An exported file: how many steps one run of it makes, and whether as a Loop."""

    model: Handle
    steps: int
    loop: bool


def read(path: str | Path, request: Request) -> Exported:
    """What an exported file holds.

    It has to be exported for the same kernel, sizes, coupling, rates, step and precision, with `counting`, and with the
    graph and the cells' parameters as inputs: `--counting --inputs graph,cell-parameters`.
    Raises ValueError for a file that is not ONNX, not an export, or of something else.
    """
    import onnx
    from google.protobuf.message import DecodeError

    if not isinstance(path, (str, Path)):
        raise ValueError(f"file is {path!r}: expected the path of an exported ONNX file")
    try:
        content = Path(path).read_bytes()
        model = onnx.load_model_from_string(content)
        onnx.checker.check_model(model)
    except OSError as error:
        raise ValueError(f"file {path} cannot be read ({error.strerror}): expected an exported ONNX file") from error
    except (DecodeError, onnx.checker.ValidationError) as error:
        raise ValueError(
            f"file {path} is not an ONNX file: expected one that `neurochip-bench export` wrote"
        ) from error
    facts = {entry.key: entry.value for entry in model.metadata_props}
    if "model" not in facts or facts.get("loop") not in ("true", "false") or not facts.get("steps", "").isdecimal():
        raise ValueError(f"file {path} does not say what it is of: expected one that was exported by this package")
    _of_the_network(path, facts, request)
    _takes(path, model, int(facts["steps"]), request)
    if any(node.op_type == "ScatterND" and reduces(node) for node in nodes_of(model.graph)):
        raise ValueError(f"file {path} adds by ScatterND, which loses additions: expected ScatterElements")
    return Exported(model, json.loads(facts["steps"]), json.loads(facts["loop"]))


def _of_the_network(path: str | Path, facts: Mapping[str, str], request: Request) -> None:
    wanted = metadata(request, facts.get("converter", ""), 1, False)
    for name in (*CHECKED, *request.settings.facts()):
        if facts.get(name) != wanted[name]:
            raise ValueError(f"file {path} has {name} {facts.get(name)}: expected {wanted[name]}, as the network has")
    per_ms = request.settings.steps_per_ms
    if json.loads(facts["steps"]) not in (1, per_ms):
        raise ValueError(f"file {path} makes {facts['steps']} steps in a run: expected 1 or {per_ms}")


def _takes(path: str | Path, model: Handle, steps: int, request: Request) -> None:
    """The file's inputs have to be those of the request, in its shapes."""
    arrays = {**request.carried(), **request.feeds()}
    wanted = {name: tuple(array.shape) for name, array in arrays.items() if name != "step"}
    found = {v.name: tuple(d.dim_value for d in v.type.tensor_type.shape.dim) for v in model.graph.input}
    stepwise = "step" in found
    found.pop("step", None)
    if found != wanted:
        odd = sorted(name for name in {*found, *wanted} if found.get(name) != wanted.get(name))
        raise ValueError(
            f"file {path} has {odd[0]} of shape {found.get(odd[0])}: expected {wanted.get(odd[0])} "
            "(export it with --counting --inputs graph,cell-parameters for a network of this size)"
        )
    if stepwise != (steps == 1):
        raise ValueError(f"file {path} says {steps} steps in a run: expected an input `step` if it is one step")
