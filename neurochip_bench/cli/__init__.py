"""The command `neurochip-bench`: a module for each subcommand, of its name, loaded when it is asked for.

A module's top imports what needs NumPy alone, so that `--help` works in any environment; what needs a library is
imported where a command runs: also what reads saved runs.
"""

from __future__ import annotations

from neurochip_bench.cli.group import main

__all__ = ["main"]
