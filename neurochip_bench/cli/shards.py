"""`neurochip-bench shards`."""

from __future__ import annotations

import math

import click

from model.kernels import KERNELS
from neurochip_bench.cli.refusal import Refused, example

RATE = click.FloatRange(min=0.0, min_open=True)
SIDE, SIDES = click.IntRange(min=4), 3


@click.command(epilog=example("neurochip-bench shards --shape 64 64 64 --devices 8"))
@click.option("--kernel", type=click.Choice(list(KERNELS)), default="io", help="Of the cells.")
@click.option("--shape", type=SIDE, nargs=SIDES, default=(64, 64, 64), help="Cells along each edge of the torus.")
@click.option("--devices", type=click.IntRange(min=1), default=8, help="That the network is cut over.")
@click.option("--compute-ns", type=RATE, default=0.056, help="A cell's own part of a step (H100's floor: 0.056).")
@click.option("--latency-us", type=RATE, default=10.0, help="Of a message.")
@click.option("--bandwidth", type=RATE, default=450e9, help="Bytes/s from a device to another (NVLink 4: 450e9).")
def command(
    kernel: str, shape: tuple[int, int, int], devices: int, compute_ns: float, latency_us: float, bandwidth: float
) -> None:
    """What a step of a network in shards takes, predicted.

    Its halo and its bytes are those that the program would have; the times are a sum of what is given.
    """
    if devices > math.prod(shape):
        raise Refused(f"--devices {devices}: expected at most one for each of the {math.prod(shape):,} cells")
    from neurochip_bench.tools.shards import Device, lines

    print("\n".join(lines(kernel, shape, devices, Device(compute_ns, latency_us, bandwidth))))
