"""The child of a run that is saved: it ends with its supervisor, and leaves word of how far it came.

What marks it is handed to one process alone. Whatever else starts pytest inside a saved run, and inherits its
environment, is no child: it neither writes into the journal nor starts a supervisor of its own.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import threading
from pathlib import Path
from typing import Generator

import pytest

from neurochip_bench.keep.journal import Journal

SUPERVISOR = "NEUROCHIP_SUPERVISOR"  # its process id; stays in the environment of all that runs below it
JOURNAL, LEASH = "NEUROCHIP_JOURNAL", "NEUROCHIP_LEASH"  # for the child alone: its journal, a socket to its supervisor


class Child:
    """The hooks of the child, which hold on to its `leash`."""

    def __init__(self, journal: Journal, leash: socket.socket) -> None:
        self.journal, self.leash = journal, leash
        self.handed_over = False
        self.process = os.getpid()
        leash.set_inheritable(False)

    @classmethod
    def of_environment(cls) -> Child | None:
        """The child that this process is, None if it is none; what marks one is not handed on."""
        path, leash = os.environ.pop(JOURNAL, None), os.environ.pop(LEASH, None)
        if path is None or leash is None or os.environ.get(SUPERVISOR) != str(os.getppid()):
            return None
        return cls(Journal(Path(path)), socket.socket(fileno=int(leash)))

    def follow_parent(self) -> None:
        """End this process where its supervisor ends, however that comes about."""

        def watch() -> None:
            with contextlib.suppress(OSError):  # where the supervisor has not read what was handed over
                self.leash.recv(1)  # returns when the supervisor's end is closed
            os.killpg(0, signal.SIGKILL)

        threading.Thread(target=watch, daemon=True).start()

    def ended(self, code: int) -> None:
        """Write that pytest has come to its own end; a copy of this process, which a row has left, writes nothing."""
        if os.getpid() == self.process:
            self.journal.write(ended=code)

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
        if not self.handed_over and stat.S_ISREG(os.fstat(2).st_mode):
            socket.send_fds(self.leash, [b"2"], [2])
            self.handed_over = True
