"""How a subcommand says no: one sentence, and an exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, Any

import click

from neurochip_bench import files
from neurochip_bench.exits import Exit

EXTRAS = {  # the smallest that brings a library which a command needs; the others come with `suite`
    "h5py": "sonata",
    "jinja2": "report",
    "matplotlib": "report",
    "msgspec": "report",
    "onnx": "onnx",
}


class Refused(click.ClickException):
    """What cannot be done: its message is one sentence for the user."""

    def __init__(self, sentence: object, code: Exit = Exit.USAGE) -> None:
        super().__init__(str(sentence))
        self.code = code

    def show(self, file: IO[Any] | None = None) -> None:  # Any is click's own
        """Print it on stderr."""
        print(f"error: {self.message}", file=file or sys.stderr)


def need(*libraries: str) -> None:
    """Raise Refused where a library is not installed, with the extras that bring them."""
    from neurochip_bench.backends.libraries import installed

    absent = [name for name in libraries if not installed(name)]
    if absent:
        raise not_installed(*absent)


def not_installed(*libraries: str) -> Refused:
    """What to say of libraries that are not installed: what brings them, for a clone and a wheel alike."""
    extras = ",".join(dict.fromkeys(EXTRAS.get(name, "suite") for name in libraries))
    return Refused(f"{' and '.join(libraries)} not installed: python -m pip install 'neurochip-bench[{extras}]'")


def writable(path: Path) -> Path:
    """The path, if a file can be written there; raises Refused, before anything takes its time, if not."""
    if not files.can_be_written(path):
        raise Refused(f"{path}: cannot be written: expected a file in a folder that is there")
    return path


def example(*lines: str) -> str:
    """The end of a subcommand's help: commands as one types them."""
    return "\n".join(["\b", "Examples:" if len(lines) > 1 else "Example:", *(f"  {line}" for line in lines)])
