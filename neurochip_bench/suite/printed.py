"""What pytest's session prints ends no run: a plugin for the process that watches, its child, and a session unsaved.

Named before the plugin that saves, which then writes the exit code of this one into the journal.
"""

from __future__ import annotations

from typing import Generator

import pytest

from neurochip_bench import terminal
from neurochip_bench.exits import Exit


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main() -> Generator[None, int, int]:
    """Let the session print on careful streams, before its reporter takes stdout; 4 where a full disk met them.

    A pipe that is closed changes nothing: the rows run, and are saved where that was asked for.
    """
    with terminal.printing() as (stdout, stderr):
        code = yield
        unprinted = terminal.unprinted(stdout)
        if unprinted is None:
            return code
        stderr.write(f"error: {unprinted}\n")
        return Exit.USAGE
