"""The child of a run that is saved: it ends with its supervisor, and leaves word of how far it came.

What marks it is handed to one process alone. Whatever else starts pytest inside a saved run, and inherits its
environment, is no child: it neither writes into the journal nor starts a supervisor of its own.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Callable, Generator

import psutil
import pytest

from neurochip_bench.backends.remote.group import end_all
from neurochip_bench.files import STDERR
from neurochip_bench.keep import leash
from neurochip_bench.keep.journal import Journal

SUPERVISOR = "NEUROCHIP_SUPERVISOR"  # its process id; stays in the environment of all that runs below it
JOURNAL = "NEUROCHIP_JOURNAL"  # for the child alone


def starters(windows: bool = sys.platform == "win32") -> list[str]:
    """Ids of the process that started this one; on Windows, where that may be a launcher, of what started it too."""
    return [str(process.pid) for process in psutil.Process().parents()[: 2 if windows else 1]]


def interruptible() -> None:
    """Let what the supervisor sends be an interrupt: Windows has its break for processes of a group of their own."""
    if hasattr(signal, "SIGBREAK"):
        signal.signal(signal.SIGBREAK, signal.default_int_handler)


class Told(Journal):
    """The child's journal, which ends its session with a sentence where the disk takes no more."""

    def write(self, **line: Any) -> None:  # whatever JSON holds
        """Append a line, or end the session."""
        try:
            super().write(**line)
        except OSError as error:
            pytest.exit(unwritten(error), returncode=pytest.ExitCode.USAGE_ERROR)


def unwritten(error: OSError) -> str:
    """What is said of a journal that the disk does not take."""
    return f"{error.filename}: cannot be written: {error.strerror}; the rows that it has are kept, --resume goes on"


class Child:
    """The hooks of the child, which hold on to its `leash`."""

    def __init__(self, journal: Journal) -> None:
        self.journal, self.leash = journal, -1
        self.handed_over = False
        self.process = os.getpid()

    @classmethod
    def of_environment(cls) -> Child | None:
        """The child that this process is, None if it is none; what marks one is not handed on."""
        path = os.environ.pop(JOURNAL, None)
        if path is None or os.environ.get(SUPERVISOR) not in starters():
            return None
        return cls(Told(Path(path)))

    def follow_parent(self, config: pytest.Config) -> None:
        """End this process where its supervisor ends, however that comes about."""
        interruptible()
        capture: Any = config.pluginmanager.get_plugin("capturemanager")  # pytest exports no type
        capture.suspend(in_=True)  # pytest has the standard input, and takes it again for the rows
        self.leash = leash.taken()

        def watch() -> None:
            leash.wait_for_the_other_end(self.leash)
            end_all(self.process)

        threading.Thread(target=watch, daemon=True).start()

    def ended(self, code: int, end: Callable[[int], int] = int) -> int:
        """Write that pytest has come to its own end; a copy of this process, which a row has left, writes nothing.

        end     what is still to be done then; returns the run's exit code, which this returns too
        """
        if os.getpid() == self.process:
            with suppress(pytest.exit.Exception):  # the supervisor meets the full disk too, and says so
                code = end(code)
                self.journal.write(ended=code)
        return code

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Say how many rows there are to run."""
        self.journal.write(collected=len(session.items))

    @pytest.hookimpl(wrapper=True, trylast=True)  # inside pytest's own capture
    def pytest_make_collect_report(self) -> Generator[None, object, object]:
        """Importing a library may end the process."""
        self.hand_over()
        return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_setup(self) -> Generator[None, object, object]:
        """Any row may."""
        self.hand_over()
        return (yield)

    def hand_over(self) -> None:
        """Give the supervisor the nameless file in which pytest captures stderr: it outlives this process."""
        self.handed_over = self.handed_over or leash.hand_over(self.leash, STDERR)
