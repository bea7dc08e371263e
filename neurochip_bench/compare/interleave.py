"""Two environments on one machine, by turns: the machine's drift meets both alike."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Iterator, Sequence

from neurochip_bench.compare.errors import CompareError
from neurochip_bench.compare.outputs import PROCESSES
from neurochip_bench.compare.repeat import Process, Session, open_folder, run_all

PYTHONS = ("bin/python", "Scripts/python.exe")


def python_of(environment: str | os.PathLike[str]) -> str:
    """The Python of an environment: of a virtual environment's folder, or the file that is named.

    Raises CompareError where there is none, or where it cannot import pytest-benchmark.
    """
    path = Path(os.path.abspath(environment))  # a link to a Python is what makes an environment: it is not followed
    found = next((path / name for name in PYTHONS if (path / name).exists()), path)
    if not found.is_file():
        raise CompareError(f"{environment}: expected the folder of a virtual environment, or a Python")
    try:
        asked = subprocess.run(
            [str(found), "-c", "import pytest_benchmark, rich, hypothesis"], capture_output=True, text=True
        )
    except OSError as error:
        raise CompareError(f"{found}: cannot be run: {error.strerror}") from error
    if asked.returncode:
        last = (asked.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise CompareError(f"{found}: {last}: install the extra 'suite' there")
    return str(found)


def turns(first: Session, second: Session, count: int) -> Iterator[Process]:
    """Their processes in the order A B B A A B B A …, `count` of each: no side comes first more often."""
    for number in range(1, count + 1):
        pair = (first, second) if number % 2 else (second, first)
        yield from (Process(session, number) for session in pair)


def interleave(environments: Sequence[str], count: int, name: str, arguments: Sequence[str]) -> list[Path]:
    """Run a session by turns in two environments; returns the folders of their files, with outputs beside them."""
    pythons = [python_of(environment) for environment in environments]
    folder = open_folder(name, pythons, arguments)
    first, second = (Session(p, tuple(arguments), folder / side, PROCESSES) for p, side in zip(pythons, "ab"))
    run_all(list(turns(first, second, count)), folder)
    return [first.folder, second.folder]
