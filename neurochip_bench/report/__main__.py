"""From saved runs to a page, figures and tables: `python -m neurochip_bench.report RUN.json -o report/`."""

from __future__ import annotations

import argparse
import importlib.util
import sys

NEEDED = {"matplotlib": "matplotlib", "jinja2": "jinja2"}
USAGE = 4  # the exit code of input that cannot be used


def main(arguments=None):
    """Write the report; 0, or 4 where a file could not be read, no row is right, or the folder cannot be written."""
    options = parser().parse_args(arguments)
    absent = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if absent:
        return complain(f"{' and '.join(absent)} not installed: python -m pip install -e '.[report]'")
    from neurochip_bench.report.pool import pool
    from neurochip_bench.report.write import write

    runs = pool(options.runs)
    for trouble in runs.troubles:
        complain(trouble)
    if not runs.runs:
        return complain("no saved run could be read: no report was written")
    try:
        index = write(runs, options.output)
    except OSError as error:
        return complain(f"{options.output}: cannot be written: {error.strerror or error}")
    print(index)
    if not any(row.right for row in runs.rows):
        return complain("no row is right: the report ranks nothing" if runs.rows else "the saved runs have no rows")
    return USAGE if runs.troubles else 0


def parser():
    """The command's arguments."""
    made = Parser(prog="python -m neurochip_bench.report", description="A page, figures and tables from saved runs.")
    made.add_argument(
        "runs", nargs="+", metavar="RUN.json", help="what --benchmark-save wrote, of one or more machines"
    )
    made.add_argument("-o", "--output", default="report", help="the folder to write into (default: report)")
    return made


class Parser(argparse.ArgumentParser):
    """Leaves with 4, as pytest does, where the arguments are wrong."""

    def error(self, message):
        """Say what is wrong with the arguments, and exit."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def complain(sentence):
    """Say a sentence on stderr; returns the exit code for it."""
    print(sentence, file=sys.stderr)
    return USAGE


if __name__ == "__main__":
    sys.exit(main())
