"""`neurochip-bench precision`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from neurochip_bench import files
from neurochip_bench.cli.refusal import Refused, example, need, writable
from neurochip_bench.tools.precision import draw, lines, presets, widths

FORMATS = (".svg", ".png", ".pdf", "")  # without an ending, SVG


@click.command(epilog=example("neurochip-bench precision tests/accuracy/reference/stress.json docs/precision.svg"))
@click.argument("table", type=click.Path(path_type=Path))
@click.argument("picture", type=click.Path(path_type=Path))
def command(table: Path, picture: Path) -> None:
    """The study's picture and tables, from what it wrote.

    TABLE is what `neurochip-bench study` wrote; the tables are printed in Markdown.
    """
    need("matplotlib")
    if picture.suffix not in FORMATS:
        raise Refused(f"{picture}: expected a name that ends in .svg, .png or .pdf")
    writable(picture)
    other = Refused(f"{table}: is not the study's table: expected what `neurochip-bench study` wrote")
    try:
        stored = json.loads(table.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused(f"{table}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise other from error
    try:
        printed = [*lines(stored, presets()), "", *lines(stored, widths())]
        draw(stored, picture)
    except (ValueError, KeyError, TypeError) as error:
        raise other from error
    joined = files.is_open_as(picture, files.STDOUT)
    print("\n".join(printed), file=sys.stderr if joined else sys.stdout)  # nothing joins the picture on stdout
