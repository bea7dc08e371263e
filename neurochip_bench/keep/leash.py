"""The leash between the supervisor of a run and its child: it is the child's standard input, and tells either's end.

Nobody reads the standard input of a run that is saved. Where the system lets a process hand open files to another, the
leash is a socket that does; on Windows it is a pipe.
"""

from __future__ import annotations

import os
import socket
import stat
from contextlib import suppress


def leash() -> tuple[int, int]:
    """Descriptors of its two ends: the supervisor's, and what becomes the child's standard input."""
    if not hasattr(socket, "send_fds"):
        theirs, ours = os.pipe()
        return ours, theirs
    sockets = socket.socketpair()
    return sockets[0].detach(), sockets[1].detach()


def taken() -> int:
    """The child's end, out of the way: who reads the standard input finds nothing there."""
    end = os.dup(0)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    return end


def wait_for_the_other_end(end: int) -> None:
    """Return once the supervisor has closed the leash, as it does however it ends."""
    with suppress(OSError):  # where it has not read what was handed over
        os.read(end, 1)


def hand_over(end: int, descriptor: int) -> bool:
    """Hand an open file to the other end, if it is one of a disk; whether that was done."""
    if not hasattr(socket, "send_fds") or not stat.S_ISREG(os.fstat(descriptor).st_mode):
        return False
    with socket.socket(fileno=os.dup(end)) as ours:
        socket.send_fds(ours, [b"."], [descriptor])
    return True


def handed_over(end: int) -> int | None:
    """The descriptor of a file that the other end has handed over; None if nothing came."""
    if not hasattr(socket, "recv_fds"):
        return None
    with socket.socket(fileno=os.dup(end)) as ours, suppress(OSError):
        ours.setblocking(False)
        _, files, _, _ = socket.recv_fds(ours, 1, 1)
        return next(iter(files), None)
    return None
