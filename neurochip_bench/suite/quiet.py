"""Processes of a run but the first: they print nothing but what goes wrong, and that on stderr."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from neurochip_bench.suite.devices import GROUP

if TYPE_CHECKING:
    from _pytest._code.code import ExceptionRepr


class Quiet:
    """A plugin of such a process."""

    @staticmethod
    def pytest_internalerror(excrepr: ExceptionRepr) -> None:
        """Say what pytest says where nothing is printed; it has ended its capture before."""
        print(excrepr, file=sys.stderr, flush=True)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Print nothing, unless this is process 0, and show no progress: mpirun gives each process a terminal."""
    config = session.config
    if config.stash[GROUP].process:
        config.get_terminal_writer()._file = open(os.devnull, "w")  # noqa: SIM115 - as long as the session
        if reporter := config.pluginmanager.get_plugin("terminalreporter"):
            reporter.isatty = type(reporter.isatty)(False)  # a bool, which newer versions of pytest can call
        config.pluginmanager.register(Quiet())


def aloud(config: pytest.Config, sentence: str) -> None:
    """Say on stderr what pytest says of process 0 in its summary, which is the only one that prints."""
    if config.stash[GROUP].process:
        capture = config.pluginmanager.get_plugin("capturemanager")
        with capture.global_and_fixture_disabled():  # type: ignore[union-attr]  # pytest has no session without
            print(sentence, file=sys.stderr, flush=True)
