"""`neurochip-bench record`."""

from __future__ import annotations

import click

from neurochip_bench.cli.refusal import example


@click.command(epilog=example("neurochip-bench record"))
def command() -> None:
    """The fields of a row's record, with type, unit and meaning: docs/record.md."""
    from neurochip_bench.tools.record import lines

    print("\n".join(lines()))
