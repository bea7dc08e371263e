"""What ends a comparison."""

from __future__ import annotations

USAGE = 4
INTERRUPTED = 130  # as a shell has it for Ctrl-C


class CompareError(ValueError):
    """What cannot be compared or run: its message is one sentence for the user, `code` the exit code."""

    def __init__(self, message, code=USAGE):
        super().__init__(message)
        self.code = code
