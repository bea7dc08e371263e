"""`neurochip-bench export`."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from model.coupling import FORMULATIONS
from model.kernels import DT, KERNELS, RATES
from model.kernels.accumulation import ACCUMULATIONS
from model.network import build
from neurochip_bench import files
from neurochip_bench.backends.onnx.export import CONVERTERS, INPUTS, export
from neurochip_bench.backends.onnx.file import save
from neurochip_bench.backends.onnx.targets import nodes_of, rejections
from neurochip_bench.cli.refusal import Refused, example, need

EXAMPLES = example(
    "neurochip-bench export --kernel io --side 9 --connected -o io.onnx",
    "neurochip-bench export --kernel hh --steps 40 --loop --inputs graph,parameters -o hh.onnx",
)


def summary(model: Any) -> Iterator[str]:  # onnx's ModelProto, which ships no types
    """Lines that say what is in a file: nodes by operator, bytes, inputs and outputs, who is known to reject it."""
    counts = Counter(node.op_type for node in nodes_of(model.graph))
    yield f"{sum(counts.values())} nodes: " + ", ".join(f"{op} {n}" for op, n in counts.most_common())
    yield f"{model.ByteSize():,} bytes, opset {model.opset_import[0].version}, IR version {model.ir_version}"
    for kind, values in (("inputs", model.graph.input), ("outputs", model.graph.output)):
        shapes = (tuple(d.dim_value for d in v.type.tensor_type.shape.dim) for v in values)
        yield f"{kind}: " + ", ".join(f"{v.name} {shape}" for v, shape in zip(values, shapes))
    found = rejections(model)
    yield "known to reject it, or to compute it wrongly:" + ("" if found else " nobody")
    yield from (f"  {sentence}" for sentence in found)


@click.command(epilog=EXAMPLES)
@click.option("--kernel", type=click.Choice(list(KERNELS)), default="io", show_default=True)
@click.option("--side", type=int, default=9, show_default=True, help="Of the network, which has side^3 cells.")
@click.option("--connected", is_flag=True)
@click.option("--seed", type=int, default=42, show_default=True, help="Of the network.")
@click.option("--topology", default="paper", show_default=True, help="paper or authors.")
@click.option("--coupling", type=click.Choice(list(FORMULATIONS)), help="Default: padded.")
@click.option("--rates", type=click.Choice(list(RATES)), default="safe", show_default=True)
@click.option("--accumulation", type=click.Choice(list(ACCUMULATIONS)), default="plain", show_default=True)
@click.option("--dt", type=float, default=DT, show_default=True, help="Step in ms.")
@click.option("--steps", type=int, default=1, show_default=True, help="In one run of the file.")
@click.option("--loop", is_flag=True, help="The steps as a Loop, not one after another.")
@click.option("--opset", type=int, default=16, show_default=True)
@click.option("--precision", type=click.Choice(["f32", "f64"]), default="f32", show_default=True)
@click.option("--inputs", default="", help=f"Of {', '.join(INPUTS)}: what is an input, not a constant.")
@click.option("--counting", is_flag=True, help="Takes a stimulus and counts spikes, as a backend runs it.")
@click.option("--converter", type=click.Choice(list(CONVERTERS)), default="traced", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True)
def command(
    output: Path,
    kernel: str,
    side: int,
    connected: bool,
    seed: int,
    topology: str,
    inputs: str,
    **choices: Any,  # the keywords of `export`, each of its option's type
) -> None:
    """A standard network's step as an ONNX file.

    Says what is in it: nodes by operator, size, inputs and outputs, and who is known to reject it.
    """
    need("onnx")
    start = time.perf_counter()
    try:
        network = build(kernel, side, connected, seed, topology)
        names = [name.strip() for name in inputs.split(",") if name.strip()]
        model = export(network, inputs=names, **choices)
        save(model, output)
    except (ValueError, RuntimeError) as error:
        raise Refused(error) from error
    where = sys.stderr if files.is_open_as(output, files.STDOUT) else sys.stdout  # nothing joins the file on stdout
    print(f"{output}, in {time.perf_counter() - start:.1f} s", *summary(model), sep="\n", file=where)
