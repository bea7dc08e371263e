"""Subcommands of `neurochip-bench` as functions of their arguments: they return the exit code."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from neurochip_bench.cli import main


def subcommand(name: str) -> Callable[[Sequence[object]], int]:
    """The subcommand of a name."""

    def run(arguments: Sequence[object] = ()) -> int:
        return main([name, *map(str, arguments)])

    return run


compare, estimate, export, report = map(subcommand, ("compare", "estimate", "export", "report"))
