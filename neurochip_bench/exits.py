"""What the exit codes of every command and of pytest's sessions mean."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """An exit code; pytest's own are the same numbers."""

    OK = 0
    FAILED = 1  # a result is not right, a row vanished or, where that was asked for, something is slower
    INTERRUPTED_SESSION = 2  # pytest's own
    INTERNAL_ERROR = 3  # pytest's own
    USAGE = 4  # what was asked for cannot be: an option, a file, a folder that cannot be written
    ABSENT = 5  # what was required is not there
    INTERRUPTED = 130  # as a shell has it for Ctrl-C
