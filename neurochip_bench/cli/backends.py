"""`neurochip-bench backends`."""

from __future__ import annotations

import click

from neurochip_bench.backends import BACKENDS
from neurochip_bench.cli.refusal import example


@click.command(epilog=example("neurochip-bench backends"))
def command() -> None:
    """What can run here, and what is missing for the rest.

    It imports no backend's library.
    """
    width = max(map(len, BACKENDS))
    for name, backend in BACKENDS.items():
        print(f"{name:{width}}  {backend.missing() or 'ready'}")
