"""What is printed: signs that a terminal lacks are replaced, and a stream that takes no more ends no command."""

from __future__ import annotations

import codecs
import io
import os
import sys
from contextlib import contextmanager
from typing import Any, Iterator, TextIO

PLAIN = {"–": "-", "─": "-", "→": "->", "×": "x", "…": "...", "µ": "u", "²": "^2", "⁶": "^6"}


def replaced(error: UnicodeError) -> tuple[str, int]:
    """A handler of `codecs`: signs that an encoding lacks as others that mean the same, or as question marks."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign, "?") for sign in signs), error.end


LACKING = "neurochip-plain"
codecs.register_error(LACKING, replaced)


def shown(text: str, encoding: str | None) -> str:
    """Text as a terminal of an encoding can show it; None is a terminal that does not say, and shows all."""
    encoding = encoding or "utf-8"
    return text.encode(encoding, LACKING).decode(encoding)


class Descriptor(io.FileIO):
    """A descriptor that takes whatever is written; `lost` is the error by which it went nowhere, None if it did not."""

    lost: OSError | None = None

    def write(self, data: Any) -> int:  # Any is a buffer, for which Python 3.8 has no name
        """Write bytes, as far as the descriptor takes them."""
        try:
            return super().write(data)
        except OSError as error:
            self.lost = error
            return len(data)


class Stream(io.TextIOWrapper):
    """stdout or stderr of this process, in its own encoding, on a `Descriptor`."""

    def __init__(self, stream: TextIO) -> None:
        stream.flush()
        self.descriptor = Descriptor(stream.fileno(), "wb", closefd=False)
        buffer = io.BufferedWriter(self.descriptor)
        lines = stream.line_buffering or self.descriptor.isatty()
        super().__init__(buffer, encoding=stream.encoding, errors=LACKING, line_buffering=bool(lines))


def careful(stream: TextIO | None) -> TextIO:
    """A `Stream` of stdout or stderr; one that is closed goes nowhere, and one that is no descriptor stays as it is."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    try:
        return Stream(stream)
    except io.UnsupportedOperation:
        return stream


def open_closed() -> bool:
    """Let stdout and stderr go nowhere where they are closed, also for what this process starts; whether one was.

    Their descriptors have been given to whatever was opened since, and those who are started would print on that.
    """
    closed = [(number, name) for number, name in ((1, "stdout"), (2, "stderr")) if getattr(sys, name) is None]
    for number, name in closed:
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, number)
        setattr(sys, name, open(nowhere, "w", encoding="utf-8"))  # noqa: SIM115 - it is never closed
    return bool(closed)


@contextmanager
def printing() -> Iterator[tuple[TextIO, TextIO]]:
    """Within it stdout and stderr never raise, and are what it yields: see `lost`."""
    before = sys.stdout, sys.stderr
    streams = sys.stdout, sys.stderr = careful(before[0]), careful(before[1])
    try:
        yield streams
    finally:
        for stream in streams:
            stream.flush()
        sys.stdout, sys.stderr = before


def lost(stream: TextIO) -> OSError | None:
    """Why what was printed is lost; None where it is not, and where who reads it has closed its end of a pipe."""
    stream.flush()
    error = stream.descriptor.lost if isinstance(stream, Stream) else None
    return None if isinstance(error, BrokenPipeError) else error


def unprinted(stream: TextIO) -> str | None:
    """A sentence where what was printed is lost, None where it is not."""
    error = lost(stream)
    return None if error is None else f"what was printed is not all there: {error.strerror}"
