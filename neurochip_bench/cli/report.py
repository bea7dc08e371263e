"""`neurochip-bench report`."""

from __future__ import annotations

import sys

import click

from neurochip_bench.cli.refusal import example, need
from neurochip_bench.exits import Exit


def complain(sentence: str) -> Exit:
    """Say a sentence on stderr; returns the exit code for it."""
    print(sentence, file=sys.stderr)
    return Exit.USAGE


@click.command(epilog=example("neurochip-bench report laptop.json gpu.json -o report/"))
@click.argument("runs", nargs=-1, required=True, metavar="RUN.json...")
@click.option("-o", "--output", default="report", show_default=True, help="The folder to write into.")
def command(runs: tuple[str, ...], output: str) -> Exit:
    """A page, figures and tables from saved runs.

    A file that could not be read, a folder that cannot be written, and runs of which no row is right are exit code 4.
    """
    need("matplotlib", "jinja2")
    from neurochip_bench.report.collected import collect
    from neurochip_bench.report.write import write

    found = collect(runs)
    for trouble in found.troubles:
        complain(trouble)
    if not found.runs:
        return complain("no saved run could be read: no report was written")
    try:
        print(write(found, output))
    except OSError as error:
        return complain(f"{output}: cannot be written: {error.strerror or error}")
    if not any(row.right for row in found.rows):
        return complain("no row is right: the report ranks nothing" if found.rows else "the saved runs have no rows")
    return Exit.USAGE if found.troubles else Exit.OK
