"""What ends a comparison."""

from __future__ import annotations

from neurochip_bench.exits import Exit


class CompareError(ValueError):
    """What cannot be compared or run: its message is one sentence for the user, `code` the exit code."""

    def __init__(self, message: str, code: int = Exit.USAGE) -> None:
        super().__init__(message)
        self.code = code
