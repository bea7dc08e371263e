"""`neurochip-bench network`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from model.kernels import KERNELS
from neurochip_bench import files
from neurochip_bench.cli.refusal import Refused, example, writable
from neurochip_bench.networks.describe import lines
from neurochip_bench.networks.read import read

EXAMPLES = example(
    "neurochip-bench network mine.npz",
    "neurochip-bench network mine.csv --kernel hh --first-id 1 -o mine.npz",
    "neurochip-bench network circuit/ --kernel lif -o circuit.npz",
)


@click.command(epilog=EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--kernel", type=click.Choice(list(KERNELS)), help="Of a file that does not say it.")
@click.option("--first-id", type=click.IntRange(min=0), help="Id of the first cell where the file does not say it.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write what was read as NPZ.")
def command(file: Path, kernel: str | None, first_id: int | None, output: Path | None) -> None:
    """A network of one's own: what is read from its file.

    FILE is an NPZ or a CSV file, or a folder with SONATA's nodes.h5 and edges.h5. Printed are cells, connections,
    in-degrees, hubs, what may not be meant, units, and the bytes of each coupling.
    """
    if output is not None:
        writable(output)
    try:
        given = read(file, kernel, first_id)
    except ValueError as error:
        raise Refused(error) from error
    joined = output is not None and files.is_open_as(output, files.STDOUT)
    print("\n".join(lines(given)), file=sys.stderr if joined else sys.stdout)  # nothing joins the file on stdout
    if output is not None:
        with files.whole(output) as opened:
            given.network.save(opened, given.stimulus, given.milliseconds)
