"""The parent of a run that is saved: a row that takes its process down becomes a row that says so, and the run goes on.

One child runs all rows. Only where it dies in the middle of one, a second child goes on behind that row, so that this
costs a run the start of one more process, and not one for each row.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Sequence

from neurochip_bench.keep.journal import Journal

JOURNAL, LEASH = "NEUROCHIP_JOURNAL", "NEUROCHIP_LEASH"  # what the child is told: its journal, and a pipe of its parent
POLL_S = 1.0
CRASHED = 3  # pytest's exit code for an error in itself


def supervise(arguments: Sequence[str], folder: Path, journal: Journal, limit_s: float) -> int:
    """Run pytest in a child, and in another behind each row that a child did not survive; the last one's exit code."""
    with journal.lock().acquire():
        while True:
            code, reason = child(arguments, folder, journal, limit_s)
            content = journal.read()
            if reason is None or content.running is None:
                break
            running = content.running
            name = running.rpartition("::")[2]
            entry = {"group": None, "name": name, "fullname": running, "extra_info": content.record}
            journal.finish(running, "failed", entry, reason)
            print(f"\n{running}: {reason}; going on behind it", file=sys.stderr, flush=True)
    if content.saved:
        journal.remove()
    elif reason:
        print(f"\npytest itself did not end: {reason}; --resume goes on with the run", file=sys.stderr, flush=True)
    return code


def child(arguments: Sequence[str], folder: Path, journal: Journal, limit_s: float) -> tuple[int, str | None]:
    """(exit code, why it did not end by itself or None) of a child that runs the rows its journal does not have."""
    held, leash = os.pipe()
    environment = {**os.environ, JOURNAL: str(journal.path), LEASH: str(held)}
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=folder,
        env=environment,
        pass_fds=[held],
        process_group=0,  # an interrupt from the terminal comes here alone, and is handed on once
    )
    os.close(held)
    try:
        return wait(process, journal, limit_s)
    finally:
        os.close(leash)


def wait(process: subprocess.Popen[bytes], journal: Journal, limit_s: float) -> tuple[int, str | None]:
    """(exit code, why it did not end by itself or None) of a child, which is killed where a row takes too long."""
    while True:
        try:
            code = process.wait(timeout=POLL_S)
            if 0 <= code <= 5:
                return code, None
            with contextlib.suppress(ProcessLookupError):  # its workers may hold a device
                os.killpg(process.pid, signal.SIGKILL)
            return CRASHED, cause(code)
        except subprocess.TimeoutExpired:
            since = journal.path.stat().st_mtime  # of its last line, which tells of the row in progress
            if time.time() - since > limit_s:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return CRASHED, f"took longer than {limit_s:g} s and was killed (--row-limit)"
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)


def cause(code: int) -> str:
    """What an exit code that is not pytest's tells of a process."""
    if code >= 0:
        return f"its process ended with exit code {code}"
    name = signal.Signals(-code).name
    memory = ", which is what the system does where memory runs out" if name == "SIGKILL" else ""
    return f"its process was ended by {name}{memory}"


def follow_parent() -> None:
    """End this process where its parent ends, however that comes about; for the child alone."""
    leash = os.environ.pop(LEASH, None)
    if leash is None:
        return

    def watch() -> None:
        os.read(int(leash), 1)  # returns when the last end that could write is closed
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
