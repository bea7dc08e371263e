"""`neurochip-bench energy`."""

from __future__ import annotations

import click

from neurochip_bench.backends.registry import devices
from neurochip_bench.cli.refusal import example
from neurochip_bench.energy import meter_of, missing


@click.command(epilog=example("neurochip-bench energy"))
def command() -> None:
    """Which energy can be read here, and what is missing."""
    for mark, device in devices().items():
        kind = meter_of(device)
        if device.timed:
            print(f"{mark:5} {'-' if kind is None else kind.name:10} {missing(device) or 'ready'}")
