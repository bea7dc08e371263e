"""`neurochip-bench floor`."""

from __future__ import annotations

import click

from neurochip_bench.cli.refusal import example
from neurochip_bench.tools.floor import lines

RATE = click.FloatRange(min=0.0, min_open=True)


@click.command(epilog=example("neurochip-bench floor", "neurochip-bench floor --bandwidth 2.0e12 --special 1.7e12"))
@click.option("--bandwidth", type=RATE, default=3.35e12, help="Bytes/s of the memory (H100 SXM: 3.35e12).")
@click.option("--special", type=RATE, default=3.7e12, help="Special functions/s (H100: 3.7e12, 16 a clock and SM).")
def command(bandwidth: float, special: float) -> None:
    """The least time of a step, by a chip's data sheet.

    A Markdown table of every network.
    """
    print("\n".join(lines(bandwidth, special)))
