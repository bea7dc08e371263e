"""Compare saved runs, and run what is to be compared: `python -m neurochip_bench.compare BASE NEW`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from neurochip_bench.compare import gate, render, text
from neurochip_bench.compare.comparison import compare
from neurochip_bench.compare.errors import INTERRUPTED, USAGE, CompareError
from neurochip_bench.compare.interleave import interleave
from neurochip_bench.compare.outputs import compare_outputs
from neurochip_bench.compare.pool import find, pool
from neurochip_bench.compare.repeat import repeat

PROCESSES = 9  # of each side, by default
OF_A_COMPARISON = ("fail_slower", "same_machine_only", "markdown", "normalise", "all")
USAGES = """
  python -m neurochip_bench.compare BASE NEW       each a file, a folder of them, a.json,b.json or a name
  python -m neurochip_bench.compare --repeat 9 --save NAME -- -k lif   run pytest nine times, saved as NAME
  python -m neurochip_bench.compare --interleave ENV_A ENV_B -- -k lif   in two environments by turns, and compare
""".strip()
EXITS = """
Exit codes: 0 ok; 1 a result got worse, a row vanished or, with --fail-slower, is slower; 4 usage; 5 absent;
130 interrupted (the same command with the same --save goes on behind the processes that finished).
""".strip()


def parser():
    """The command's arguments; what follows -- is pytest's."""
    made = argparse.ArgumentParser(
        prog="python -m neurochip_bench.compare",
        usage=USAGES,
        description=__doc__,
        epilog=EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("sides", nargs="*", metavar="BASE NEW", help="saved runs; several of a side are pooled")
    made.add_argument("--repeat", type=int, metavar="N", help="processes (of each environment: 9)")
    made.add_argument("--save", metavar="NAME", help="folder for the runs, in .benchmarks unless it is a path")
    made.add_argument("--interleave", nargs=2, metavar=("ENV_A", "ENV_B"), help="virtual environments or Pythons")
    made.add_argument(
        "--fail-slower", metavar="10%", help="fail where a slowdown is surely beyond this: 10%%, or a ratio such as 1.1"
    )
    made.add_argument(
        "--same-machine-only", action="store_true", help="with --fail-slower: on another machine judge results alone"
    )
    made.add_argument("--normalise", metavar="BACKEND", help="divide times by this backend's, as between machines")
    made.add_argument("--all", action="store_true", help="show every row, not only those with something to tell")
    made.add_argument("--markdown", metavar="FILE", type=Path, help="append the comparison to a file, as Markdown")
    return made


def parse(arguments):
    """(options, pytest's arguments); raises CompareError where options do not go together."""
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    options, rest = parser().parse_args(arguments[:cut]), arguments[cut + 1 :]
    running = options.repeat is not None or options.interleave
    if options.repeat is not None and options.repeat < 1:
        raise CompareError(f"--repeat {options.repeat}: expected a number of processes, such as 9")
    if running and options.sides:
        raise CompareError(
            f"{' '.join(options.sides)}: expected no files with --repeat or --interleave; put -- before pytest's"
        )
    if not running and len(options.sides) != 2:
        raise CompareError(f"{len(options.sides)} sides came: expected BASE and NEW; several files of a side as a,b")
    if not running and (rest or options.save):
        raise CompareError("-- and --save go with --repeat or --interleave")
    if running and not options.interleave and not options.save:
        raise CompareError("--repeat needs --save NAME: expected a folder for its runs")
    check_output(options, comparing=not running or bool(options.interleave))
    return options, rest


def check_output(options, comparing):
    """Raise CompareError, before anything is run, where what is asked of the comparison cannot be."""
    if not comparing:
        useless = [name for name in OF_A_COMPARISON if getattr(options, name) not in (None, False)]
        if useless:
            raise CompareError(
                f"--{useless[0].replace('_', '-')}: --repeat compares nothing, expected it with BASE NEW"
            )
    if options.fail_slower is not None:
        options.fail_slower = gate.threshold(options.fail_slower)
    if options.same_machine_only and (options.fail_slower is None or options.normalise):
        raise CompareError("--same-machine-only goes with --fail-slower, and not with --normalise")
    if options.markdown:
        append(options.markdown, "")


def append(path, lines):
    """Append text to a file; raises CompareError where it cannot be written."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(lines)
    except OSError as error:
        raise CompareError(f"--markdown {path}: cannot be written: {error.strerror}") from error


def show(options, folders):
    """Compare two sides, print it and return the exit code."""
    base, new = (pool(find(str(side))) for side in folders)
    comparison = compare(base, new, options.normalise)
    apart = compare_outputs(base, new, [row.pair for row in comparison.rows])
    found = list(gate.failures(comparison, options.fail_slower))
    refusals = gate.refused(comparison, options.fail_slower, options.same_machine_only)
    what = (comparison, apart, [*found, *refusals], list(gate.powerless(comparison, options.fail_slower)), options.all)
    render.terminal(*what)
    if options.markdown:
        append(options.markdown, "\n".join(render.markdown(*what)) + "\n")
    return gate.exit_code(found, refusals)


def main(arguments=None):
    """Run the command; what cannot be done is one sentence and exit code 4."""
    try:
        options, rest = parse(sys.argv[1:] if arguments is None else list(arguments))
        if options.interleave:
            name = options.save or time.strftime("interleaved-%Y%m%d-%H%M%S")
            return show(options, interleave(options.interleave, options.repeat or PROCESSES, name, rest))
        if options.repeat:
            folder = repeat(options.repeat, options.save, rest)
            command = f"python -m neurochip_bench.compare {options.save} OTHER"
            print(f"{options.repeat} runs in {folder}: {command} compares them")
            return 0
        return show(options, options.sides)
    except CompareError as error:
        print(f"error: {text.clean(error)}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as error:  # argparse ends with 2, which is pytest's for an interruption
        return USAGE if error.code else 0


if __name__ == "__main__":
    sys.exit(main())
