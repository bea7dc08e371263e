"""`neurochip-bench calibrate`."""

from __future__ import annotations

import click

from neurochip_bench.cli.refusal import Refused, example


@click.command(epilog=example("neurochip-bench calibrate same/a same/b"))
@click.argument("folders", nargs=-1, required=True, metavar="FOLDER...")
@click.option("--factor", type=float, default=1.3, show_default=True, help="Of the planted slowdown.")
def command(folders: tuple[str, ...], factor: float) -> None:
    """How often a comparison cries wolf, and what it finds.

    From saved runs of identical code: of two processes that ran one after the other one is put on each side at random,
    again and again, as if the sides had taken turns. The same with the times of one backend made longer on one side.
    """
    from neurochip_bench.compare.errors import CompareError
    from neurochip_bench.compare.pool import find, pool
    from neurochip_bench.tools.calibrate import lines

    try:
        runs = pool([path for folder in folders for path in find(folder)]).runs
    except CompareError as error:
        raise Refused(error) from error
    if len(runs) < 2:
        raise Refused(f"{' '.join(folders)}: one run is there: expected at least two of identical code")
    print("\n".join(lines(runs, factor)))
