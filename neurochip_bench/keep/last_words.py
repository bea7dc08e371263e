"""What a process wrote to stderr: shown as it comes, and its end kept for the row in which the process ended."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import IO

from neurochip_bench.backends.remote.survive import why
from neurochip_bench.keep.leash import handed_over

KEPT = 8192  # bytes
LONGEST = 500  # characters
DUMP = "Fatal Python error: "  # from here on Python's own list of where it was, which is shown, and no library's words
DRAIN_S = 1.0  # for what a process wrote right before its end; one that it left behind may hold the pipe open


class LastWords:
    """Follows the stderr of a child by a pipe, and by the file that pytest captures in, if it was handed over."""

    def __init__(self, pipe: IO[bytes], leash: int) -> None:
        self.pipe, self.leash, self.tail = pipe, leash, b""
        self.thread = threading.Thread(target=self.show, daemon=True)
        self.thread.start()

    def show(self) -> None:
        """Hand on to this process's own stderr what comes, until nobody can write any more."""
        with self.pipe:
            while chunk := os.read(self.pipe.fileno(), 65536):
                self.tail = (self.tail + chunk)[-KEPT:]
                with contextlib.suppress(OSError), open(2, "wb", closefd=False) as stderr:  # nobody may listen any more
                    stderr.write(chunk)

    def read(self) -> str:
        """The last lines, in one; the process has ended."""
        self.thread.join(DRAIN_S)
        captured = self.captured()
        return in_one_line(self.tail if captured is None else captured)

    def captured(self) -> bytes | None:
        """The end of what pytest captured and has not shown, None where it does not capture stderr."""
        file = handed_over(self.leash)
        if file is None:
            return None
        with open(file, "rb") as captured:
            captured.seek(max(os.fstat(file).st_size - KEPT, 0))
            return captured.read()


def in_one_line(text: bytes) -> str:
    """The last lines of a library's words, without signs that a terminal would obey."""
    lines = text.decode(errors="replace").partition(DUMP)[0].splitlines()
    shown = ["".join(sign for sign in line if sign.isprintable()).strip() for line in lines]
    return " / ".join(why([line for line in shown if line]))[-LONGEST:]
