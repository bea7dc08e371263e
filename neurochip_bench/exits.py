"""What the exit codes of every command and of pytest's sessions mean."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """An exit code; pytest's own are the same numbers."""

    OK = 0
    FAILED = 1
    INTERRUPTED_SESSION = 2
    INTERNAL_ERROR = 3
    USAGE = 4
    ABSENT = 5
    INTERRUPTED = 130


MEANINGS = {
    Exit.OK: "all is well",
    Exit.FAILED: "a result is not right, a row vanished or, where that was asked for, something is slower",
    Exit.INTERRUPTED_SESSION: "pytest's own: its session was interrupted",
    Exit.INTERNAL_ERROR: "an error in pytest, or in this project: a traceback tells where",
    Exit.USAGE: "what was asked for cannot be: an option, a file, a library or a folder",
    Exit.ABSENT: "what was required is not there",
    Exit.INTERRUPTED: "Ctrl-C, as a shell has it",
}
