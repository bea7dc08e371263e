"""`neurochip-bench limits`."""

from __future__ import annotations

from pathlib import Path

import click

from neurochip_bench.accuracy.reference import write_table
from neurochip_bench.cli.refusal import Refused, example, writable
from neurochip_bench.experiments.limits import limits


@click.command(epilog=example("neurochip-bench limits tests/accuracy/reference/long.json"))
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> None:
    """Compute the yardsticks of validation and stress anew.

    They are taken from 64 inferior olives, and do for the sizes that these experiments run.
    """
    writable(file)
    try:
        found = limits()
    except RuntimeError as error:
        raise Refused(error) from error
    write_table(file, found)
