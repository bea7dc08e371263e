"""`neurochip-bench report`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from neurochip_bench.cli.refusal import Refused, example, need
from neurochip_bench.exits import Exit

EXAMPLES = example(
    "neurochip-bench report laptop.json gpu.json -o report/",
    "neurochip-bench report --history .benchmarks -o history/",
)


def complain(sentence: str) -> Exit:
    """Say a sentence on stderr; returns the exit code for it."""
    print(sentence, file=sys.stderr)
    return Exit.USAGE


@click.command(epilog=EXAMPLES)
@click.argument("runs", nargs=-1, metavar="RUN.json...")
@click.option("--history", type=click.Path(path_type=Path), metavar="FOLDER", help="All runs below it, over time.")
@click.option("-o", "--output", default="report", show_default=True, help="The folder to write into.")
def command(runs: tuple[str, ...], history: Path | None, output: str) -> Exit:
    """A page, figures and tables from saved runs; or, with --history, each row's time over dates and commits.

    A file that could not be read, a folder that cannot be written, and runs of which no row is right are exit code 4.
    """
    if bool(runs) == (history is not None):
        raise Refused("expected saved runs RUN.json..., or --history FOLDER")
    need("matplotlib", "jinja2")
    try:
        return over_time(history, output) if history is not None else as_page(runs, output)
    except OSError as error:
        return complain(f"{output}: cannot be written: {error.strerror or error}")


def as_page(runs: tuple[str, ...], output: str) -> Exit:
    """Write the report of some runs."""
    from neurochip_bench.report.collected import collect
    from neurochip_bench.report.write import write

    found = collect(runs)
    for trouble in found.troubles:
        complain(trouble)
    if not found.runs:
        return complain("no saved run could be read: no report was written")
    print(write(found, output))
    if not any(row.right for row in found.rows):
        return complain("no row is right: the report ranks nothing" if found.rows else "the saved runs have no rows")
    return Exit.USAGE if found.troubles else Exit.OK


def over_time(folder: Path, output: str) -> Exit:
    """Say and draw the history of the runs below a folder."""
    from neurochip_bench.report.history.series import read
    from neurochip_bench.report.history.steps import steps
    from neurochip_bench.report.history.text import said
    from neurochip_bench.report.history.write import write

    found = read(folder)
    for trouble in found.troubles:
        complain(trouble)
    if not found.series:
        return complain(f"{folder}: no saved run below it has a time: no history was written")
    stepped = steps(found)
    for line in said(found, stepped):
        print(line)
    print(write(found, stepped, Path(output)))
    return Exit.USAGE if found.troubles else Exit.OK
