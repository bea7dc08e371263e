"""`neurochip-bench compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from neurochip_bench.cli.refusal import example

EXAMPLES = example(
    "neurochip-bench compare before.json after.json --fail-slower 10%",
    "neurochip-bench compare --repeat 9 --save NAME -- tests/perf -k lif",
    "neurochip-bench compare --interleave ENV_A ENV_B -- tests/perf -k lif",
)


class BeforeDashes(click.Command):
    """A command of which what follows `--` belongs to pytest: it is the context's `obj`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what comes before."""
        cut = args.index("--") if "--" in args else len(args)
        ctx.obj = tuple(args[cut + 1 :])
        return super().parse_args(ctx, args[:cut])

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Name what may follow."""
        formatter.write_usage(ctx.command_path, "[OPTIONS] [BASE NEW] [-- PYTEST ARGUMENTS]")


@click.command(cls=BeforeDashes, epilog=EXAMPLES)
@click.argument("sides", nargs=-1)
@click.option("--repeat", type=int, metavar="N", help="Processes (of each environment: 9).")
@click.option("--save", metavar="NAME", help="Folder for the runs, in .benchmarks unless it is a path.")
@click.option("--interleave", nargs=2, metavar="ENV_A ENV_B", help="Virtual environments or Pythons, by turns.")
@click.option("--fail-slower", metavar="10%", help="Fail where a slowdown is surely beyond this, or a ratio like 1.1.")
@click.option("--require-power", metavar="1.5", help="With --fail-slower: exit code 4 where it could not see so much.")
@click.option("--same-machine-only", is_flag=True, help="With --fail-slower: elsewhere judge results alone.")
@click.option("--normalise", metavar="BACKEND", help="Divide times by this backend's, as between machines.")
@click.option("--all", is_flag=True, help="Show every row, not only those with something to tell.")
@click.option("--markdown", metavar="FILE", type=click.Path(path_type=Path), help="Append the comparison to a file.")
@click.pass_context
def command(ctx: click.Context, **options: Any) -> int:  # the fields of `Asked`, each of its option's type
    """Saved runs compared and gated; runs what is to be compared.

    BASE and NEW are each a file, a folder of files, a list a.json,b.json, a pattern or the NAME of --save; several
    files of a side are pooled. The same command goes on with a --repeat or --interleave that was interrupted.
    """
    from neurochip_bench.cli import comparing
    from neurochip_bench.cli.asked import Asked

    return comparing.run(Asked(**options, pytest=ctx.obj))
