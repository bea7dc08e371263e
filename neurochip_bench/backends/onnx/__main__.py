"""Export a standard network's step as a command."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Iterator, Sequence

from model.coupling import FORMULATIONS
from model.kernels import DT, KERNELS, RATES
from model.kernels.accumulation import ACCUMULATIONS
from model.network import build
from neurochip_bench.backends.libraries import Handle
from neurochip_bench.backends.onnx import CONVERTERS, INPUTS, export
from neurochip_bench.backends.onnx.file import save
from neurochip_bench.backends.onnx.targets import nodes_of, rejections


def summary(model: Handle) -> Iterator[str]:
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


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m neurochip_bench.backends.onnx", description="Export a network's step as ONNX."
    )
    parser.add_argument("--kernel", choices=list(KERNELS), default="io")
    parser.add_argument("--side", type=int, default=9, help="of the network, which has side^3 cells (default: 9)")
    parser.add_argument("--connected", action="store_true")
    parser.add_argument("--seed", type=int, default=42, help="of the network (default: 42)")
    parser.add_argument("--topology", default="paper", help="paper (default) or authors")
    parser.add_argument("--coupling", choices=list(FORMULATIONS), help="default: padded")
    parser.add_argument("--rates", choices=list(RATES), default="safe")
    parser.add_argument("--accumulation", choices=ACCUMULATIONS, default="plain")
    parser.add_argument("--dt", type=float, default=DT, help="step in ms (default: 0.025)")
    parser.add_argument("--steps", type=int, default=1, help="in one run of the file (default: 1)")
    parser.add_argument("--loop", action="store_true", help="the steps as a Loop, not one after another")
    parser.add_argument("--opset", type=int, default=16, help="default: 16")
    parser.add_argument("--precision", choices=["f32", "f64"], default="f32")
    parser.add_argument("--inputs", default="", help=f"of {', '.join(INPUTS)}: what is an input, not a constant")
    parser.add_argument(
        "--counting", action="store_true", help="takes a stimulus and counts spikes, as a backend runs it"
    )
    parser.add_argument("--converter", choices=CONVERTERS, default="traced")
    parser.add_argument("-o", "--output", type=Path, required=True)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; bad input is one sentence and exit code 4."""
    options = parser().parse_args(arguments)
    start = time.perf_counter()
    try:
        network = build(options.kernel, options.side, options.connected, options.seed, options.topology)
        model = export(
            network, options.coupling, options.rates, options.dt, steps=options.steps, loop=options.loop,
            opset=options.opset, precision=options.precision, converter=options.converter, counting=options.counting,
            accumulation=options.accumulation,
            inputs=[name.strip() for name in options.inputs.split(",") if name.strip()],
        )  # fmt: skip
        save(model, options.output)
    except (ValueError, RuntimeError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 4
    print(f"{options.output}, in {time.perf_counter() - start:.1f} s")
    print("\n".join(summary(model)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
