"""`neurochip-bench energy`."""

from __future__ import annotations

import click

from neurochip_bench.cli.refusal import example
from neurochip_bench.energy import METERS, UNMETERED, missing


@click.command(epilog=example("neurochip-bench energy"))
def command() -> None:
    """Which energy can be read here, and what is missing."""
    for device in (*METERS, *UNMETERED):
        name = METERS[device].name if device in METERS else "-"
        print(f"{device:5} {name:10} {missing(device) or 'ready'}")
