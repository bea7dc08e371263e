"""`neurochip-bench precision`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from neurochip_bench.cli.refusal import Refused, example, need, writable
from neurochip_bench.tools.precision import draw, lines, presets, widths


@click.command(epilog=example("neurochip-bench precision tests/accuracy/reference/stress.json docs/precision.svg"))
@click.argument("table", type=click.Path(path_type=Path))
@click.argument("picture", type=click.Path(path_type=Path))
def command(table: Path, picture: Path) -> None:
    """The study's picture and tables, from what it wrote.

    TABLE is what `neurochip-bench study` wrote; the tables are printed in Markdown.
    """
    need("matplotlib")
    writable(picture)
    try:
        stored = json.loads(table.read_text(encoding="utf-8"))
        printed = [*lines(stored, presets()), "", *lines(stored, widths())]
        draw(stored, picture)
    except OSError as error:
        raise Refused(f"{table}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"{table}: is not the study's table: expected what `neurochip-bench study` wrote") from error
    print("\n".join(printed))
