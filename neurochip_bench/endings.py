"""A library that ends this process: what is done then, so that it is no end in silence that looks like a good one.

Python's own `atexit` does not see an exit(0) of C, the handlers of C's library do. Python's `os._exit` comes past
these, and is replaced. That of C, and a signal, come past all of it.
"""

from __future__ import annotations

import ctypes
import os
import platform
from contextlib import contextmanager
from typing import Callable, Iterator, NoReturn

HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


@contextmanager
def followed(end: Callable[[], None]) -> Iterator[None]:
    """Within it `end` is called where something ends this process, by Python or by C; not in a copy of it."""
    with _python(end), _c(end):
        yield


@contextmanager
def _python(end: Callable[[], None]) -> Iterator[None]:
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
def _c(end: Callable[[], None]) -> Iterator[None]:
    if platform.libc_ver()[0] != "glibc":  # others do not take a handler back
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
