"""What pytest's session prints ends no run: a plugin for the process that watches, its child, and a session unsaved.

Named before the plugin that saves, which then writes the exit code of this one into the journal.
"""

from __future__ import annotations

from typing import Any, Generator

import pytest

from neurochip_bench import terminal
from neurochip_bench.exits import Exit


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, int, int]:
    """Let the session print on careful streams, before its reporter takes stdout; 4 where a full disk met them.

    A pipe that is closed changes nothing, nor does a stdout that is closed itself, as by `>&-`: the rows run, and are
    saved where that was asked for.
    """
    closed = terminal.open_closed()
    try:
        with terminal.printing() as (stdout, stderr):
            code = yield
            unprinted = terminal.unprinted(stdout)
            if unprinted is None:
                return code
            stderr.write(f"error: {unprinted}\n")
            return Exit.USAGE
    finally:
        if closed:
            capture: Any = config.pluginmanager.get_plugin("capturemanager")
            capture.stop_global_capturing()  # which leaves stdout as it found it; pytest flushes it at its very end
            terminal.open_closed()
