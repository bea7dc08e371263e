"""The subcommands by name, and the exit code of whatever ends one."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import NoReturn, TextIO

import click

from neurochip_bench import terminal
from neurochip_bench.cli.refusal import Refused, not_installed
from neurochip_bench.endings import followed
from neurochip_bench.exits import MEANINGS, Exit

PROGRAM = "neurochip-bench"
COMMANDS = (
    "backends", "check-backend", "network", "export", "compare", "report", "energy", "estimate", "floor", "shards",
    "table", "delays", "calibrate", "support", "record", "study", "precision", "limits", "regenerate",
)  # fmt: skip
OURS = ("model", "neurochip_bench")  # what is missing of these is an error of this project
EXITS = "\n".join(["\b", "Exit codes:", *(f"  {int(code):3}  {meaning}" for code, meaning in MEANINGS.items())])


class Commands(click.Group):
    """Subcommands that are imported when one of them is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order in which a person meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The one of a name, or None."""
        if cmd_name not in COMMANDS:
            return None
        kernels = import_module("neurochip_bench.additions.kernels")  # only now: it needs NumPy
        kernels.OTHERS.ready()  # options list kernels
        found: click.Command = import_module(f"neurochip_bench.cli.{cmd_name.replace('-', '_')}").command
        return found


def use(ctx: click.Context, parameter: click.Parameter, modules: tuple[str, ...]) -> None:
    """Add what is named before a subcommand is imported, which may list kernels and backends."""
    if modules:
        from neurochip_bench import plugins

        refused = plugins.use(modules)
        if refused:
            raise Refused("; ".join(refused))


def add_named(ctx: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> None:
    """Make a backend of each of JAX's platforms, and each of ONNX Runtime's execution providers, that is named."""
    if names:
        makers = {"platform": "neurochip_bench.backends.platforms", "provider": "neurochip_bench.backends.onnx.named"}
        try:
            import_module(makers[str(parameter.name)]).add(names)
        except ValueError as error:
            raise Refused(f"--{parameter.name} {error}") from error


def left_out() -> list[str]:
    """What a subcommand could not add of other packages, where it has looked for any."""
    read = ("neurochip_bench.additions.kernels", "neurochip_bench.backends.registry")
    loaders = (sys.modules[module].OTHERS for module in read if module in sys.modules)
    return list(dict.fromkeys(trouble for loader in loaders for trouble in loader.troubles))


@click.group(cls=Commands, no_args_is_help=False, epilog=EXITS)
@click.option(
    "--plugin",
    multiple=True,
    metavar="MODULE",
    callback=use,
    expose_value=False,
    help="KERNELS or BACKENDS of your own.",
)
@click.option(
    "--platform",
    multiple=True,
    callback=add_named,
    expose_value=False,
    help="One of JAX's, such as rocm.",
)
@click.option(
    "--provider",
    multiple=True,
    metavar="NAME[=LIBRARY]",
    callback=add_named,
    expose_value=False,
    help="One of ONNX Runtime's, such as QNNExecutionProvider.",
)
def group() -> None:
    """How networks of neurons run on AI chips and their compilers: what is ready here, saved runs, and what they say.

    Rows are run by pytest, from a clone: pytest tests/perf -m cpu
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand; returns the exit code, which is that of `Exit` whatever ends it."""
    with terminal.printing() as (stdout, stderr):
        with followed(partial(end_with_a_word, stdout, stderr, os._exit)):
            code = ended(arguments)
        for trouble in left_out() if code != Exit.USAGE else []:
            print(f"left out: {trouble}", file=sys.stderr)
        unprinted = terminal.unprinted(stdout)
        if unprinted is None:
            return code
        Refused(unprinted).show()
        return Exit.USAGE


def end_with_a_word(stdout: TextIO, stderr: TextIO, leave: Callable[[int], NoReturn]) -> None:
    """End the process, which a library is ending with any code, 0 among them, with that of an error and a sentence."""
    try:
        stdout.flush()
        stderr.write("error: a library ended the process of this command, which did not come to its end\n")
        stderr.flush()
    finally:
        leave(Exit.INTERNAL_ERROR)


def ended(arguments: Sequence[str] | None) -> int:
    """The exit code of a subcommand; an error of this project is told by its traceback, and is no result."""
    try:
        return refused(arguments)
    except Exception:
        traceback.print_exc()
        return Exit.INTERNAL_ERROR


def refused(arguments: Sequence[str] | None) -> int:
    """The exit code of a subcommand, of a sentence if it cannot be run; click's own for bad usage becomes `Exit`'s."""
    try:
        return int(group.main(arguments, prog_name=PROGRAM, standalone_mode=False) or Exit.OK)
    except Refused as error:
        error.show()
        return error.code
    except click.ClickException as error:
        error.show(file=sys.stderr)
        return Exit.USAGE
    except click.Abort:
        return Exit.INTERRUPTED
    except ModuleNotFoundError as error:
        name = str(error.name).partition(".")[0]
        if name in OURS:
            raise
        not_installed(name).show()
        return Exit.USAGE
    except OSError as error:
        Refused(": ".join(str(part) for part in (error.filename, error.strerror or error) if part)).show()
        return Exit.USAGE
