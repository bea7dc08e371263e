"""The worker's side: `python -m neurochip_bench.backends.remote.serve MODULE CLASS`.

Programs of one class live here; requests come by the standard input, replies leave by the standard output. Whatever a
library prints goes to the standard error instead, where it can do no harm.
"""

from __future__ import annotations

import importlib
import os
import select
import sys
import threading
import time
import traceback
from typing import IO, Any

import numpy as np

from model.kernels import KERNELS
from neurochip_bench.additions.kernels import OTHERS
from neurochip_bench.backends.program import Program
from neurochip_bench.backends.remote.group import PARTING_S, end_group
from neurochip_bench.backends.remote.wire import Arrays, Header, receive, send, unpacked
from neurochip_bench.settings import Settings

# What a program says of itself once it is prepared.
FACTS = (
    "block", "compile_s", "device_name", "devices", "exchange", "exchange_bytes", "exchange_steps", "export_s",
    "fast_math", "form", "library_version", "nodes", "processes", "threads", "tf32", "virtual_devices",
)  # fmt: skip


def taken_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Standard input and output as files of their own, out of the way of everybody else."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return requests, replies


def end_with(requests: IO[bytes], seconds: float = PARTING_S) -> None:
    """Where nobody can ask any more, end this process in so many seconds, whatever it is in the middle of.

    Windows does not tell that of a pipe from which another thread reads.
    """
    if not hasattr(select, "poll"):
        return

    def watch() -> None:
        closed = select.poll()
        closed.register(requests, 0)  # what is always told: that the other end is closed
        closed.poll()
        time.sleep(seconds)
        end_group(os.getpid())

    threading.Thread(target=watch, daemon=True).start()


class Server:
    """Programs of a class by number, and what they can be asked to do: (header, arrays) each."""

    def __init__(self, program: type[Program]) -> None:
        self._program = program
        self._programs: dict[int, Program] = {}

    def answer(self, header: Header, arrays: Arrays) -> tuple[Header, Arrays]:
        """The reply to a request; `seconds` is what it took here."""
        for number in header["dropped"]:
            self._programs.pop(number, None)
        start = time.perf_counter()
        reply, results = getattr(self, header["do"])(header, arrays)
        return {**reply, "seconds": time.perf_counter() - start}, results

    def prepare(self, header: Header, arrays: Arrays) -> tuple[Header, Arrays]:
        """Compile a network."""
        network = unpacked(header["network"], arrays)
        settings = Settings(KERNELS[network.kernel], **header["settings"])
        program = self._program(np.dtype(header["dtype"]), network, settings, **header["options"])
        self._programs[header["program"]] = program
        return {name: getattr(program, name) for name in FACTS}, {}

    def reset(self, header: Header, arrays: Arrays) -> tuple[Header, Arrays]:
        """Back to a network's state, or to that of the one it has."""
        self._programs[header["program"]].reset(unpacked(header["network"], arrays) if header["network"] else None)
        return {}, {}

    def run(self, header: Header, arrays: Arrays) -> tuple[Header, Arrays]:
        """Advance; the arrays of a `Run`."""
        program = self._programs[header["program"]]
        run = program.run(header["milliseconds"], arrays.get("stimulus"), header["record"])
        named = {name: getattr(run, name) for name in ("state", "first", "trace", "codes")}
        return {}, {name: array for name, array in named.items() if array is not None}

    def told(self, header: Header, arrays: Arrays) -> tuple[Header, Arrays]:
        """What each process of a group says, of programs that run in several."""
        program: Any = self._program
        return {"said": program.told(header["text"], header["group"])}, {}


def main(module: str, name: str) -> None:
    """Answer until the pipe is closed."""
    requests, replies = taken_pipes()
    end_with(requests)
    OTHERS.ready()  # those that `Home` has put beside this project
    server = Server(getattr(importlib.import_module(module), name))
    while True:
        try:
            header, arrays = receive(requests)
        except EOFError:
            return
        try:
            reply, results = server.answer(header, arrays)
        except Exception as error:  # of any kind: the other side raises it again
            traceback.print_exc()
            reply, results = {"error": type(error).__name__, "text": str(error)}, {}
        send(replies, reply, results)


if __name__ == "__main__":
    main(*sys.argv[1:])
