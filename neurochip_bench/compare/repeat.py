"""Run a pytest session in several processes, each saved in a file of its own, so that they can be pooled."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, NamedTuple, Sequence

from neurochip_bench import files
from neurochip_bench.compare.errors import CompareError
from neurochip_bench.exits import Exit
from neurochip_bench.keep.outputs import folder_of

STORAGE = Path(".benchmarks")
NOTE = "session"  # the file in a folder that says what its processes were asked to run
HARMLESS = (Exit.OK, Exit.FAILED)  # rows that fail are kept and compared; anything else means that there is no run


@dataclass(frozen=True)
class Session:
    """A pytest session to be run: by which Python, with which arguments, into which folder.

    keep   so many of its processes keep the final states of rows too, see `neurochip_bench.keep.outputs`
    """

    python: str
    arguments: tuple[str, ...]
    folder: Path
    keep: int = 0

    def run(self, number: int) -> str | None:
        """Run it in a child process; its JSON is `<number>.json` in the folder, what it printed `<number>.log`.

        Returns None, or a sentence on rows that did not pass.
        Raises CompareError with pytest's exit code if it ended without a run.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        log, part = self.folder / f"{number}.log", self.folder / f"{number}.json.part"
        options = ["--benchmark-only", f"--benchmark-json={part}", "-p", "no:cacheprovider", "--color=no"]
        if number <= self.keep:
            options.append(f"--outputs={folder_of(self.folder / f'{number}.json').resolve()}")
        options += ["-W", "ignore:Not saving anything"]  # where all rows fail it would hide why
        command = [self.python, "-m", "pytest", *self.arguments, *options]
        with log.open("w", encoding="utf-8") as output:
            code = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL).returncode
        if code not in HARMLESS or not part.exists() or not part.stat().st_size:
            last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
            raise CompareError(
                f"process {number} of {self.python} saved nothing, pytest ended with {code}: {' / '.join(last)} "
                f"(all of it in {log})",
                Exit.ABSENT if code == Exit.ABSENT else Exit.USAGE,
            )
        part.rename(self.folder / f"{number}.json")  # a process that was killed leaves no half of a run
        return failed(log) if code else None

    def finished(self, number: int) -> bool:
        """Whether the process has saved its run."""
        return (self.folder / f"{number}.json").exists()


class Process(NamedTuple):
    """One of the processes of a session, by its number."""

    session: Session
    number: int


def failed(log: Path) -> str:
    """How many rows did not pass, by the last line that pytest printed."""
    last = (log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or [""])[-1]
    count = sum(map(int, re.findall(r"(\d+) (?:failed|errors?)\b", last)))
    return f"{count or 'some'} rows of it did not pass, see {log}"


def open_folder(name: str | os.PathLike[str], pythons: Sequence[str], arguments: Sequence[str]) -> Path:
    """The folder that a name stands for: a new one, or one that the same command left unfinished.

    Raises CompareError where it holds anything else: another run's processes would be pooled.
    """
    folder = Path(name) if Path(name).name != name else STORAGE / name
    note, asked = folder / NOTE, json.dumps({"pythons": list(pythons), "arguments": list(arguments)}, indent=1)
    if folder.exists() and any(folder.iterdir()):
        same = note.is_file() and note.read_text(encoding="utf-8") == asked
        empty = note.is_file() and not any(folder.rglob("*.json"))  # of its processes none has finished
        if not (same or empty):
            raise refusal(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files.write(note, asked)
    except OSError as error:
        raise CompareError(f"{folder}: cannot be written: {error.strerror}") from error
    return folder


def refusal(folder: Path) -> CompareError:
    """What is said of a folder that cannot be gone on with."""
    return CompareError(f"{folder} holds something already: choose another name, or remove it")


def run_all(processes: Sequence[Process], folder: Path, say: Callable[[str], None] | None = None) -> None:
    """Run processes one after another, but those that finished before; says how long the others will take.

    Raises CompareError where all have finished before, where one saves nothing and on Ctrl-C: the others are kept.
    """
    say = say or (lambda line: print(line, file=sys.stderr, flush=True))
    ahead = [process for process in processes if not process.session.finished(process.number)]
    if not ahead:
        raise refusal(folder)
    before, start = len(processes) - len(ahead), time.monotonic()
    for done, (session, number) in enumerate(ahead):
        left = f", {(time.monotonic() - start) / done * (len(ahead) - done):.0f} s left" if done else ""
        say(f"process {before + done + 1} of {len(processes)}{left}")
        kept = (
            f"{before + done} of {len(processes)} processes are kept in {folder}, the same command goes on behind them"
        )
        try:
            told = session.run(number)
        except KeyboardInterrupt:
            raise CompareError(f"interrupted: {kept}", Exit.INTERRUPTED) from None
        except CompareError as error:
            raise CompareError(f"{error}; {kept}", error.code) from error
        if told:
            say(told)


def repeat(count: int, name: str | os.PathLike[str], arguments: Sequence[str]) -> Path:
    """Run a session in `count` processes of this Python and return the folder of their files."""
    session = Session(sys.executable, tuple(arguments), open_folder(name, [sys.executable], arguments))
    run_all([Process(session, number) for number in range(1, count + 1)], session.folder)
    return session.folder
