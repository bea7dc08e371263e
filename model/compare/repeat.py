"""Run a pytest session in several processes, each saved in a file of its own, so that they can be pooled."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from model.compare.errors import CompareError
from model.compare.outputs import folder_of

STORAGE = Path(".benchmarks")
HARMLESS = (0, 1)  # rows that fail are kept and compared; anything else means that there is no run


@dataclass(frozen=True)
class Session:
    """A pytest session to be run: by which Python, with which arguments, into which folder.

    keep   so many of its processes keep the final states of rows too, see `model.compare.outputs`
    """

    python: str
    arguments: tuple
    folder: Path
    keep: int = 0

    def run(self, number):
        """Run it in a child process; its JSON is `<number>.json` in the folder, what it printed `<number>.log`.

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
                5 if code == 5 else 4,
            )
        part.rename(self.folder / f"{number}.json")  # a process that was killed leaves no half of a run


def new_folder(name):
    """The folder that a name stands for, which must not hold anything: another run's processes would be pooled."""
    folder = Path(name) if Path(name).name != name else STORAGE / name
    if folder.exists() and any(folder.iterdir()):
        raise CompareError(f"{folder} holds something already: choose another name, or remove it")
    return folder


def run_all(sessions, say=None):
    """Run (session, number) one after another; says after each how long the others will take."""
    say = say or (lambda line: print(line, file=sys.stderr, flush=True))
    start = time.monotonic()
    for done, (session, number) in enumerate(sessions):
        left = (time.monotonic() - start) / done * (len(sessions) - done) if done else None
        say(f"process {done + 1} of {len(sessions)}" + (f", {left:.0f} s left" if left is not None else ""))
        session.run(number)


def repeat(count, name, arguments):
    """Run a session in `count` processes of this Python and return the folder of their files."""
    session = Session(sys.executable, tuple(arguments), new_folder(name))
    run_all([(session, number) for number in range(1, count + 1)])
    return session.folder
