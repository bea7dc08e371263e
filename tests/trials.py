"""Trials of the tests themselves: a copy of the project in which something is wrong, and the test that notices."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, NoReturn, Sequence

from neurochip_bench.exits import Exit

ROOT = Path(__file__).parents[1]
Selection = Sequence[str]  # arguments of pytest that say which tests to run


class Parser(argparse.ArgumentParser):
    """A parser of arguments whose exit code for bad usage is that of every command."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and end."""
        self.print_usage(sys.stderr)
        self.exit(Exit.USAGE, f"error: {message}\n")


@contextmanager
def copied() -> Iterator[Path]:
    """The folder of a copy of the project, in which trials may do as they like."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        yield project


def insist_on_passing(project: Path, selections: Sequence[Selection]) -> None:
    """End the tool unless all tests pass before anything is wrong."""
    for selection in selections:
        failed = first_failure(project, selection)
        if failed:
            sys.exit(f"the tests fail before anything is changed: {failed}")


def caught(file: Path, text: str, project: Path, selections: Sequence[Selection]) -> str | None:
    """The first test that fails while a file of the copy holds another text, or None.

    Each selection is run only for what survives the one before.
    """
    original = file.read_text()
    file.write_text(text)
    failed = next((test for test in (first_failure(project, selection) for selection in selections) if test), None)
    file.write_text(original)
    return failed


def first_failure(project: Path, selection: Selection) -> str | None:
    """The first test of a selection that fails, or None; anything but a failed test ends the tool."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", "-rfE", *selection]
    environment = {**os.environ, "PYTHONPATH": str(project)}
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    if done.returncode == 0:
        return None
    report = [line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    if done.returncode != 1 or not report:
        sys.exit(f"pytest ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return report[0].split(" - ")[0].split("::")[-1]
