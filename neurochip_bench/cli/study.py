"""`neurochip-bench study`."""

from __future__ import annotations

from pathlib import Path

import click

from neurochip_bench.accuracy.reference import write_table
from neurochip_bench.cli.refusal import Refused, example, writable
from neurochip_bench.experiments.study import study


@click.command(epilog=example("neurochip-bench study tests/accuracy/reference/stress.json"))
@click.argument("file", type=click.Path(path_type=Path))
def command(file: Path) -> None:
    """Run the study of docs/precision.md, some five minutes.

    It is the stress test in the arithmetic of chips that are not here.
    """
    writable(file)
    try:
        table = study()
    except RuntimeError as error:
        raise Refused(error) from error
    write_table(file, table)
