"""A process under another Python, for libraries that this one cannot import.

It has a folder of its own for whatever a library leaves lying about, which goes when it goes. It is given a time limit
with each request; if it dies or hangs, that is a sentence, and the next program gets a new process.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import weakref
from pathlib import Path

import model
import neurochip_bench
from neurochip_bench.backends.remote.survive import end, ending, last_words, survived
from neurochip_bench.backends.remote.wire import receive, send

LIMIT, LIMIT_S = "NEUROCHIP_WORKER_SECONDS", 3600.0  # for one request: vendors' compilers take their time
# What a program needs of `neurochip_bench`: under a vendor's Python nothing else of it can be imported.
PARTS = ("__init__.py", "lazy.py", "run.py", "settings.py", "backends")
PARTING_S = 10.0  # for ending by itself
NOT_THEIRS = ("XLA_FLAGS", "TF_OVERRIDE_GLOBAL_THREADPOOL")  # set for this TensorFlow; another aborts over a new flag


class Home:
    """A private folder with what programs are made of and nothing else of this project, and its environment."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="neurochip-")
        self.path = Path(self._folder.name)
        (self.path / "model").symlink_to(Path(model.__file__).parent, target_is_directory=True)
        package = Path(neurochip_bench.__file__).parent
        (self.path / package.name).mkdir()
        for part in PARTS:
            (self.path / package.name / part).symlink_to(package / part, target_is_directory=(package / part).is_dir())
        (self.path / "tmp").mkdir()
        self.remove = self._folder.cleanup

    def start(self, command, **options):
        """A process in this folder."""
        environment = {name: value for name, value in os.environ.items() if name not in NOT_THEIRS}
        paths = [str(self.path), *filter(None, [environment.get("PYTHONPATH")])]
        environment.update(PYTHONPATH=os.pathsep.join(paths), TMPDIR=str(self.path / "tmp"))
        return subprocess.Popen(command, cwd=self.path, env=environment, **options)


def asked(python, code, seconds=60.0):
    """What a Python prints for some code that may import `model`, see `survived`."""
    home = Home()
    try:
        return survived([python, "-c", code], seconds, home.start)
    finally:
        home.remove()


def limit_s():
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
    """A process that holds programs of a class, `module` and `name`."""

    def __init__(self, python, module, name):
        self.python = python
        self.seconds = limit_s()
        self.ended: str | None = None  # why there is no process any more
        self.dropped: list = []  # programs that nobody holds here any more
        self._label = f"the worker of {name} under {python}"
        home = Home()
        self._log = open(home.path / "log", "w+b")  # noqa: SIM115 - closed with the worker
        command = [python, "-m", "neurochip_bench.backends.remote.serve", module, name]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._log}
        try:
            self._process = home.start(command, start_new_session=True, **pipes)
        except OSError as error:
            self._log.close()
            home.remove()
            raise RuntimeError(f"{self._label} cannot be started: {error.strerror}") from error
        self._finalize = weakref.finalize(self, _close, self._process, self._log, home)

    @property
    def process_id(self):
        """Of the process."""
        return self._process.pid

    def close(self, reason="was closed"):
        """End the process and remove its folder."""
        self.ended = self.ended or f"{self._label} {reason}"
        self._finalize()

    def ask(self, header, arrays):
        """(header, arrays) of the reply; RuntimeError if there is none, or the error that came instead of one."""
        if self.ended:
            raise RuntimeError(self.ended)
        dropped = [self.dropped.pop() for _ in range(len(self.dropped))]
        try:
            reply, results = self._exchange({**header, "dropped": dropped}, arrays)
        except BaseException:
            end(self._process)  # it is in the middle of something that nobody waits for
            self.close("was interrupted in the middle of an answer")
            raise
        if "error" in reply:
            kind = {"ValueError": ValueError, "RuntimeError": RuntimeError}.get(reply["error"])
            raise (kind(reply["text"]) if kind else RuntimeError(f"{reply['error']}: {reply['text']}"))
        return reply, results

    def _exchange(self, header, arrays):
        hung = threading.Event()

        def give_up():
            hung.set()
            end(self._process)

        alarm = threading.Timer(self.seconds, give_up)
        alarm.start()
        try:
            send(self._process.stdin, header, arrays)
            return receive(self._process.stdout)
        except (EOFError, BrokenPipeError):
            self.close(self._obituary(hung.is_set()))
            raise RuntimeError(self.ended) from None
        finally:
            alarm.cancel()

    def _obituary(self, hung):
        code = self._process.wait()
        self._log.seek(0)
        how = f"did not answer within {self.seconds:g} s" if hung else ending(code)
        return f"{how}; its last words: {last_words(self._log.read().decode(errors='replace'))}"


def _close(process, log, home):
    """Let the process end by itself, so that it gives its chip back; then end it."""
    try:
        process.stdin.close()
        process.wait(PARTING_S)
    except (BrokenPipeError, subprocess.TimeoutExpired):
        end(process)
    process.stdout.close()
    log.close()
    home.remove()


_WORKERS: dict = {}


def worker_for(python, module, name):
    """The living worker for a class, or a new one: a chip serves one process at a time."""
    worker = _WORKERS.get((module, name))
    if worker is None or worker.ended or worker.python != python:
        close_all(module, name)
        worker = _WORKERS[module, name] = Worker(python, module, name)
    return worker


def close_all(*only):
    """Close all workers, or that of (module, name)."""
    for key in [key for key in _WORKERS if only in ((), key)]:
        _WORKERS.pop(key).close()
