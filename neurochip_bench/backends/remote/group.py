"""A process and all that it has started, ended together: by its group, or by psutil where there are no groups."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from typing import Any, Dict

PARTING_S = 10.0  # that a process has for ending by itself

# For Popen, which types them: a process that leads a group, to which no interrupt comes from the terminal. The first is
# POSIX's and means nothing on Windows, the second the other way round.
OWN_GROUP: Dict[str, Any] = {
    "start_new_session": True,
    "creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
}


def end_group(process_id: int) -> None:
    """End a process that leads a group, and what it has started, at once.

    Without groups, on Windows, what a process that is gone already has left behind is not found any more.
    """
    if not hasattr(os, "killpg"):
        _end_tree(process_id)
        return
    with suppress(ProcessLookupError, PermissionError):  # macOS forbids it where all of a group have ended
        os.killpg(process_id, signal.SIGKILL)


def end_all(process_id: int) -> None:
    """End a process that lives and leads a group, and what it has started, in groups of their own too, at once."""
    import psutil

    with suppress(psutil.NoSuchProcess):
        for process in psutil.Process(process_id).children(recursive=True):
            with suppress(psutil.Error):
                process.kill()
    end_group(process_id)


def _end_tree(process_id: int) -> None:
    import psutil  # not in a vendor's Python, which has groups

    with suppress(psutil.NoSuchProcess):
        leader = psutil.Process(process_id)
        for process in [*leader.children(recursive=True), leader]:  # itself last: it may be this one
            with suppress(psutil.Error):
                process.kill()
