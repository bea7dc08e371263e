"""The parent of a run that is saved: a row that takes its process down becomes a row that says so, and the run goes on.

One child runs all rows. Only where it dies in the middle of one, a second child goes on behind that row, so that this
costs a run the start of one more process, and not one for each row. A child that pytest brought to its own end has
written so into the journal; its exit code tells nothing, since a library may end its process with any.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from typing import Sequence

from neurochip_bench.backends.remote.group import OWN_GROUP, end_all, end_group
from neurochip_bench.keep.child import JOURNAL, SUPERVISOR
from neurochip_bench.keep.journal import Content, Journal
from neurochip_bench.keep.last_words import LastWords
from neurochip_bench.keep.leash import leash

POLL_S = 1.0
OUTSIDE_S = 3600.0  # the least that collecting or saving may take, on a busy machine as well
FAILED, CRASHED = 1, 3  # pytest's exit codes for a row that is not right, and for an error in itself
INTERRUPT = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT)  # what Windows lets a group of its own be sent
EXIT_CODES = 255  # above it Windows says, as in 0xc0000005, which fault ended a process
BEHIND = "; the run goes on behind it"
RESUME = ": the same command with --resume goes on with the run"
APART = f"; without it the processes of this run cannot go on{RESUME}"
SPARE = 3  # processes beyond one for each row: the last one, which saves, and those that something odd costs


def supervise(arguments: Sequence[str], folder: Path, journal: Journal, limit_s: float, alone: bool = True) -> int:
    """Run pytest in a child, and in another behind each row that a child did not survive; the last one's exit code.

    alone   whether the run has this process alone: in one of several none goes on behind a lost row
    """
    most = None
    with journal.lock().acquire():
        for number in count(1):
            before = len(journal.read().finished)
            journal.write(child=number)
            reason = child(arguments, folder, journal, limit_s)
            content = journal.read()
            if content.ended is not None:
                break
            if content.closed:
                say(f"{reason}, once it had saved its rows{'' if content.saved else RESUME}")
                break
            if content.running is not None:
                lose(journal, content, reason, BEHIND if alone else APART)
            elif not alone:
                say(f"{reason}{APART}")
            if not alone:
                return FAILED
            most = most or content.collected + SPARE
            why = given_up(journal, before, number, most)
            if why:
                say(f"{reason}; {why}")
                break
    if content.saved:
        journal.remove()
    return CRASHED if content.ended is None else content.ended


def say(sentence: str) -> None:
    """Write a sentence to the terminal."""
    print(f"\n{sentence}", file=sys.stderr, flush=True)


def lose(journal: Journal, content: Content, reason: str, then: str = BEHIND) -> None:
    """Let the row that was in progress be one that says why it was lost; `then` is what becomes of the run."""
    running = content.running or ""
    entry = {"group": None, "name": running.rpartition("::")[2], "fullname": running, "extra_info": content.record}
    journal.finish(running, "failed", entry, reason)
    say(f"{running}: {reason}{then}")


def given_up(journal: Journal, before: int, number: int, most: int) -> str | None:
    """Why no other child is started behind one that did not end by itself, None if one is."""
    finished = len(journal.read().finished)
    resume = RESUME if finished else ""
    if finished == before:
        return f"no row ran in this process, so that another one would end alike{resume}"
    if number >= most:
        return f"it was the {number}th process of a run of {most - SPARE} rows, so that no other is started{resume}"
    return None


def child(arguments: Sequence[str], folder: Path, journal: Journal, limit_s: float) -> str:
    """Why a child ended that runs the rows its journal does not have; where pytest ended, the journal says so too."""
    ours, theirs = leash()
    marks = {SUPERVISOR: str(os.getpid()), JOURNAL: str(journal.path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=folder,
        env={**os.environ, **marks},
        stdin=theirs,
        stderr=subprocess.PIPE,
        **OWN_GROUP,  # an interrupt from the terminal comes here alone, and is handed on once
    )
    os.close(theirs)
    assert process.stderr is not None
    try:
        said = LastWords(process.stderr, ours)
        killed = wait(process, journal, limit_s)
        if killed:
            end_all(process.pid)  # its workers too, which may hold a device
        elif journal.read().ended is None:
            end_group(process.pid)
        code, words = process.wait(), said.read()
        return killed or cause(code) + (f"; its last words: {words}" if words else "")
    finally:
        os.close(ours)


def wait(process: subprocess.Popen[bytes], journal: Journal, limit_s: float) -> str | None:
    """None once a child has ended, or why it has to be killed: a row takes too long.

    What counts is the time that a row has been running. Python's monotonic clock (CLOCK_MONOTONIC on Linux) does not
    count the time in which the machine was suspended, and nobody sets it, unlike the clock that tells the time of day
    and those of files. Where a poll comes late, this process or the whole machine stood still, and so may the row.
    """
    ran_s, size, last = 0.0, 0, time.monotonic()
    while True:
        try:
            process.wait(timeout=POLL_S)
            return None
        except subprocess.TimeoutExpired:
            now, grown = time.monotonic(), journal.path.stat().st_size
            ran_s = ran_s + min(now - last, 2 * POLL_S) if grown == size else 0.0  # a line in the journal begins anew
            size, last = grown, now
            if ran_s > limit_s and journal.read().running is not None:
                return f"took longer than {limit_s:g} s and was killed (--row-limit)"
            if ran_s > max(limit_s, OUTSIDE_S):
                return f"took longer than {max(limit_s, OUTSIDE_S):g} s outside any row and was killed"
        except KeyboardInterrupt:
            process.send_signal(INTERRUPT)


def cause(code: int) -> str:
    """What an exit code tells of a process that pytest did not bring to its end."""
    if code >= 0:
        return f"its process ended with exit code {code if code <= EXIT_CODES else hex(code)}"
    name = signal.Signals(-code).name
    memory = ", which is what the system does where memory runs out" if name == "SIGKILL" else ""
    return f"its process was ended by {name}{memory}"
