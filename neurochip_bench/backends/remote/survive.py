"""Commands that may crash, abort or hang: run in a process of their own, each outcome is a sentence."""

from __future__ import annotations

import re
import signal
import subprocess
from typing import Callable, List, Sequence

from neurochip_bench.backends.remote.group import OWN_GROUP, end_group

LAST_WORDS = 3  # lines of its standard error that tell why a process ended
STACK = re.compile(r"@ +0x[0-9a-f]+ |\*\*\* Check failure stack trace")  # in lines of C++ that tell where, and not why
FATAL = re.compile(r"F\d{4} ")  # begins the message with which a library of Google's ends its process
STATUS = "absl::Status: "  # begins the reason in it


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a group, and its children, at once."""
    if process.poll() is None:
        end_group(process.pid)
    process.wait()


def last_words(text: str) -> str:
    """The end of what a process printed, on one line."""
    lines = [line.strip() for line in text.splitlines() if line.strip(" ^~")]
    return " / ".join(why(lines)) or "nothing"


def why(lines: Sequence[str]) -> List[str]:
    """The lines that tell why a process ended: the beginning of a fatal message, or the last ones."""
    said = [line for line in lines if not STACK.search(line)]
    fatal = [number for number, line in enumerate(said) if FATAL.match(line)]
    if not fatal:
        return said[-LAST_WORDS:]
    first, *others = said[fatal[-1] :][:LAST_WORDS]
    return [first.rpartition(STATUS)[2], *others]


def ending(code: int) -> str:
    """How a process ended, in words."""
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"


def survived(
    command: Sequence[str], seconds: float = 60.0, start: Callable[..., subprocess.Popen[bytes]] = subprocess.Popen
) -> tuple[bool, str]:
    """Run a command: (True, what it printed), or (False, a sentence). `start` is how, as Popen does."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    try:
        process = start(command, **OWN_GROUP, **pipes)
    except OSError as error:
        return False, f"{command[0]} cannot be run: {error.strerror}"
    with process:
        try:
            output, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False, f"{command[0]} did not answer within {seconds:g} s"
        finally:
            end(process)
    if process.returncode:
        said = last_words(errors.decode(errors="replace"))
        return False, f"{command[0]} {ending(process.returncode)}; its last words: {said}"
    return True, output.decode(errors="replace").strip()
