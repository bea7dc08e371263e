"""A session that is not saved has nobody who watches: where a library ends its process, it says so and is not green.

A library that calls exit(0) of C would end it in silence, the rows behind not run. Python's own `atexit` does not see
that, the handlers of C's library do. Python's `os._exit` comes past these, and is replaced; that of C and a signal come
past all: a signal is told by the shell, and a saved session is told of each by the process that watches over it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import stat
from contextlib import contextmanager
from typing import Callable, Generator, Iterator, NoReturn

import pytest

from neurochip_bench.exits import Exit
from neurochip_bench.keep.child import SUPERVISOR
from neurochip_bench.keep.last_words import KEPT, in_one_line

HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, int, int]:
    """Follow a session of this process alone to its end."""
    if SUPERVISOR in os.environ or hasattr(config, "workerinput"):
        return (yield)
    stderr, leave = os.dup(2), os._exit  # while pytest does not capture

    def end() -> None:
        try:
            config.get_terminal_writer().flush()
            os.write(stderr, f"\nerror: {sentence()}\n".encode(errors="replace"))
        finally:  # also where nobody reads it, or its disk is full
            leave(Exit.INTERNAL_ERROR)

    try:
        with at_exit_of_python(end), at_exit_of_c(end):
            return (yield)
    finally:
        os.close(stderr)


@contextmanager
def at_exit_of_python(end: Callable[[], None]) -> Iterator[None]:
    """Within it `end` is called where something calls `os._exit` in this process, and in no copy of it."""
    leave, process = os._exit, os.getpid()

    def handle(status: int) -> NoReturn:
        if os.getpid() == process:
            end()
        leave(status)

    os._exit = handle
    try:
        yield
    finally:
        os._exit = leave


@contextmanager
def at_exit_of_c(end: Callable[[], None]) -> Iterator[None]:
    """Within it `end` is called where something calls C's exit in this process, and in no copy of it.

    Nothing is done where the C library does not take a handler back.
    """
    if platform.libc_ver()[0] != "glibc":
        yield
        return
    library, place = ctypes.CDLL(None), ctypes.create_string_buffer(1)
    process, within = os.getpid(), True

    def handle(_: int | None) -> None:
        if within and os.getpid() == process:
            end()

    handler = HANDLER(handle)
    library["__cxa_atexit"](handler, None, place)  # a handler is known by the address of a place of its own
    try:
        yield
    finally:
        within = False
        library["__cxa_finalize"](place)  # calls it, which is nothing any more, and takes it back


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
