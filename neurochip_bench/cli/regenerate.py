"""`neurochip-bench regenerate`."""

from __future__ import annotations

from pathlib import Path

import click

from model.kernels import KERNELS
from neurochip_bench.accuracy.regenerate import regenerate
from neurochip_bench.cli.refusal import Refused, example

EXAMPLES = example(
    "neurochip-bench regenerate tests/accuracy/reference",
    "neurochip-bench regenerate tests/accuracy/reference --kernel lif",
)


@click.command(epilog=EXAMPLES)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--kernel", "kernels", type=click.Choice(list(KERNELS.own)), multiple=True, help="Alone; may be repeated."
)
def command(folder: Path, kernels: tuple[str, ...]) -> None:
    """Compute stored runs and yardsticks anew, six minutes.

    Nothing else writes them. With --kernel only that kernel's: the files of the others stay as they are. Without it the
    manifest is written afresh, and runs of cases that are no more are removed.
    """
    try:
        regenerate(folder, kernels or None)
    except ValueError as error:
        raise Refused(error) from error
    except OSError as error:
        raise Refused(f"{folder}: cannot be written: {error.strerror or error}") from error
