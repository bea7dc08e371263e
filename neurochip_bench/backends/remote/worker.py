"""A process under another Python, for libraries that this one cannot import.

It is given a time limit with each request; if it dies or hangs, that is a sentence, and the next program gets a new
process.
"""

from __future__ import annotations

import os
import threading
from typing import IO, Callable, Mapping, Sequence

from model.arrays import Array
from neurochip_bench.backends.remote.child import Child, ChildError
from neurochip_bench.backends.remote.home import Home
from neurochip_bench.backends.remote.wire import Arrays, Header, receive, send

LIMIT, LIMIT_S = "NEUROCHIP_WORKER_SECONDS", 3600.0  # for one request: vendors' compilers take their time
SERVER = "neurochip_bench.backends.remote.serve"


def limit_s() -> float:
    """Seconds that a request may take."""
    text = os.environ.get(LIMIT, str(LIMIT_S))
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds <= threading.TIMEOUT_MAX:
        raise ValueError(f"{LIMIT} is {text!r}: expected a number of seconds above 0")
    return seconds


class Worker:
    """A process that holds programs of a class, `module` and `name`, and can import `parts` of this project.

    purpose   what tells it from other workers of the class
    """

    def __init__(self, python: str, module: str, name: str, parts: Sequence[str], purpose: str = "") -> None:
        self.key = python, module, name, purpose
        self.seconds = limit_s()
        self.ended: str | None = None  # why there is no process any more
        self.failed: str | None = None  # what went wrong in it that was nobody's input, though it lives
        self.dropped: list[int] = []  # programs that nobody holds here any more
        self._label, self._watched = f"the worker of {name} under {python}", False
        self._child = Child(self._label, [python, "-m", SERVER, module, name], Home(parts))

    @property
    def process_id(self) -> int:
        """Of the process."""
        return self._child.process_id

    def watch(self, gone: Callable[[str], None]) -> None:
        """Call `gone`, from another thread, with why the process ended, if it does while nobody asks it anything."""
        if not self._watched:
            self._watched = True
            self._child.watch(gone)

    def close(self, reason: str = "was closed") -> None:
        """End the process and remove its folder."""
        self.ended = self.ended or f"{self._label} {reason}"
        self._child.close()

    def ask(self, header: Header, arrays: Mapping[str, Array]) -> tuple[Header, Arrays]:
        """(header, arrays) of the reply; RuntimeError if there is none, or the error that came instead of one."""
        if self.ended:
            raise RuntimeError(self.ended)
        dropped = [self.dropped.pop() for _ in range(len(self.dropped))]
        reply, results = self._exchange({**header, "dropped": dropped}, arrays)
        if "error" in reply:
            if reply["error"] == "ValueError":
                raise ValueError(reply["text"])
            named = "" if reply["error"] == "RuntimeError" else f"{reply['error']}: "
            self.failed = named + reply["text"]
            raise RuntimeError(self.failed)
        return reply, results

    def _exchange(self, header: Header, arrays: Mapping[str, Array]) -> tuple[Header, Arrays]:
        def exchange(requests: IO[bytes], replies: IO[bytes]) -> tuple[Header, Arrays]:
            send(requests, header, arrays)
            return receive(replies)

        try:
            return self._child.ask(exchange, self.seconds)
        except BaseException as error:
            interrupted = f"{self._label} was interrupted in the middle of an answer"
            self.ended = str(error) if isinstance(error, ChildError) else interrupted
            self._child.close()
            raise


_WORKERS: dict[str, Worker] = {}  # by what serves one of them at a time, such as a chip


def worker_for(
    python: str,
    module: str,
    name: str,
    parts: Sequence[str],
    purpose: str = "",
    place: str = "",
    parting: Callable[[Worker], None] = lambda worker: None,
) -> Worker:
    """The living worker for a class and a purpose, or a new one, before which the last one of its place is closed.

    place     what serves one worker at a time; by itself that is a chip, which goes by the class
    parting   is called with a worker that has to go, or has ended
    """
    place = place or f"{module}.{name}"
    worker = _WORKERS.get(place)
    if worker is None or worker.ended or worker.key != (python, module, name, purpose):
        if worker is not None:
            parting(worker)
        close_all(place)
        worker = _WORKERS[place] = Worker(python, module, name, parts, purpose)
    return worker


def living_at(place: str) -> Worker | None:
    """The last worker of a place, which may have ended."""
    return _WORKERS.get(place)


def close_all(*places: str) -> None:
    """Close all workers, or those of some places."""
    for place in [place for place in _WORKERS if not places or place in places]:
        _WORKERS.pop(place).close()
