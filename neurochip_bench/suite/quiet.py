"""Processes of a run but the first: they print nothing but what goes wrong, and that on stderr."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Generator

import pytest

from neurochip_bench.files import STDERR
from neurochip_bench.suite.devices import GROUP

if TYPE_CHECKING:
    from _pytest._code.code import ExceptionRepr


ALOUD = pytest.StashKey[int]()  # a descriptor of stderr


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, int, int]:
    """Hold on to stderr, which pytest does not capture yet."""
    config.stash[ALOUD] = os.dup(STDERR)
    try:
        return (yield)
    finally:
        os.close(config.stash[ALOUD])


class Quiet:
    """A plugin of such a process."""

    @staticmethod
    def pytest_internalerror(excrepr: ExceptionRepr) -> None:
        """Say what pytest says where nothing is printed; it has ended its capture before."""
        print(excrepr, file=sys.stderr, flush=True)

    @staticmethod
    def pytest_keyboard_interrupt(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Say why this process ends itself, as where a disk is full; who interrupts it knows."""
        if isinstance(excinfo.value, pytest.exit.Exception):
            print(excinfo.value, file=sys.stderr, flush=True)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Print nothing, unless this is process 0, and show no progress: mpirun gives each process a terminal."""
    config = session.config
    if config.stash[GROUP].process:
        config.get_terminal_writer()._file = open(os.devnull, "w")  # noqa: SIM115 - as long as the session
        if reporter := config.pluginmanager.get_plugin("terminalreporter"):
            reporter.isatty = type(reporter.isatty)(False)  # a bool, which newer versions of pytest can call
        config.pluginmanager.register(Quiet())


def aloud(config: pytest.Config, sentence: str, at_once: bool = False) -> None:
    """Say on stderr what pytest says of process 0, which is the only one that prints, in its summary, unless `at_once`.

    Any thread may, whatever pytest captures meanwhile.
    """
    if at_once or config.stash[GROUP].process:
        os.write(config.stash[ALOUD], f"{sentence}\n".encode(errors="replace"))
