"""`neurochip-bench estimate`."""

from __future__ import annotations

import click

from model.kernels import KERNELS
from model.network import build
from neurochip_bench.backends.groq.estimate import estimate
from neurochip_bench.backends.groq.program import FORMS
from neurochip_bench.cli.refusal import Refused, example, need


@click.command(epilog=example("neurochip-bench estimate --kernel io --side 9 --connected"))
@click.option("--kernel", type=click.Choice(list(KERNELS)), default="io", show_default=True)
@click.option("--side", type=int, default=9, show_default=True, help="Of the network, which has side^3 cells.")
@click.option("--connected", is_flag=True)
@click.option("--form", type=click.Choice(list(FORMS)), default="calls", show_default=True)
def command(kernel: str, side: int, connected: bool, form: str) -> None:
    """What Groq's compiler counts where there is no card.

    It needs the compiler and onnx, no runtime. Cycles that a compiler counts are an estimate, never a timing: they
    leave out each call and each transfer.
    """
    need("onnx")
    try:
        network = build(kernel, side, connected)
        cycles, seconds = estimate(network, form)
    except (RuntimeError, ValueError) as error:
        raise Refused(error) from error
    print(f"estimate, not a timing: {cycles:,} cycles in a run of the program, real-time factor {1e3 * seconds:.3g}")
    print(f"({network.kernel}, {network.cells:,} cells, {form}; without calls and transfers, at 900 MHz)")
