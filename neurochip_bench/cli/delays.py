"""`neurochip-bench delays`."""

from __future__ import annotations

import click

from neurochip_bench.cli.refusal import Refused, example


@click.command(epilog=example("neurochip-bench delays .benchmarks/*/*_delays.json"))
@click.argument("runs", nargs=-1, required=True, metavar="RUN.json...")
def command(runs: tuple[str, ...]) -> None:
    """What delays cost, from what `pytest -m delays` saved.

    A Markdown table for each run.
    """
    from neurochip_bench.keep.saved import SavedRunError, load
    from neurochip_bench.tools.delays import lines

    try:
        for path in runs:
            print("\n".join(lines(load(path).rows)))
    except SavedRunError as error:
        raise Refused(error) from error
