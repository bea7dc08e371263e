"""`neurochip-bench table`."""

from __future__ import annotations

import click

from neurochip_bench.cli.refusal import Refused, example


@click.command(epilog=example("neurochip-bench table .benchmarks/*/*_cpu.json"))
@click.argument("runs", nargs=-1, required=True, metavar="RUN.json...")
def command(runs: tuple[str, ...]) -> None:
    """The fastest right rows of each network of saved runs.

    A Markdown table for each run.
    """
    from neurochip_bench.keep.saved import SavedRunError, load
    from neurochip_bench.tools.table import table

    try:
        for path in runs:
            print("\n".join(table(load(path))))
    except SavedRunError as error:
        raise Refused(error) from error
