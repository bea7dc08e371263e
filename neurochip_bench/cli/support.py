"""`neurochip-bench support`."""

from __future__ import annotations

import click

from neurochip_bench.cli.refusal import example
from neurochip_bench.tools.support import table


@click.command(epilog=example("neurochip-bench support"))
def command() -> None:
    """What runs where: the table of docs/backends.md."""
    print("\n".join(table()))
