"""A session that is not saved has nobody who watches: where a library ends its process, it says so and is not green.

A library that calls exit(0) of C would end it in silence, the rows behind not run. What `followed` does not see, as
`_exit` of C, a saved session is told of by the process that watches over it; a signal is told by the shell too.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import Generator

import pytest

from neurochip_bench.endings import followed
from neurochip_bench.exits import Exit
from neurochip_bench.keep.child import SUPERVISOR
from neurochip_bench.keep.last_words import KEPT, in_one_line


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, int, int]:
    """Follow a session of this process alone to its end."""
    if SUPERVISOR in os.environ or hasattr(config, "workerinput"):
        return (yield)
    stderr, leave = os.dup(2), os._exit  # while pytest does not capture

    def end() -> None:
        try:
            with suppress(AssertionError):  # pytest's where the session has none yet
                config.get_terminal_writer().flush()
            os.write(stderr, f"\nerror: {sentence()}\n".encode(errors="replace"))
        finally:  # also where nobody reads it, or its disk is full
            leave(Exit.INTERNAL_ERROR)

    try:
        with followed(end):
            return (yield)
    finally:
        os.close(stderr)


def sentence() -> str:
    """What became of the session, with the last words that pytest captured."""
    row = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0] or "outside any test"
    words = captured()
    said = f"; its last words: {words}" if words else ""
    return f"{row}: a library ended pytest's process{said}; nothing behind it ran, as it does in a run that is saved"


def captured() -> str:
    """The last lines that were written to stderr, where pytest captures it in a file."""
    found = os.fstat(2)
    return in_one_line(os.pread(2, KEPT, max(found.st_size - KEPT, 0))) if stat.S_ISREG(found.st_mode) else ""
