"""A child process in a private folder that is asked for answers, each within a time limit.

If it dies or hangs, that is a sentence with its last words. Its folder takes whatever a library leaves lying about, and
goes when it goes.
"""

from __future__ import annotations

import subprocess
import threading
import weakref
from contextlib import suppress
from typing import IO, Callable, Sequence, TypeVar

from neurochip_bench.backends.remote.group import OWN_GROUP, PARTING_S
from neurochip_bench.backends.remote.home import Home
from neurochip_bench.backends.remote.survive import end, ending, last_words

Answer = TypeVar("Answer")


class ChildError(RuntimeError):
    """There is no answer and no process any more; the message is the sentence that says why."""


class Child:
    """The process of a command; `label` is what sentences call it.

    Raises ChildError where it cannot be started. It is closed with the object at the latest.
    """

    def __init__(self, label: str, command: Sequence[str], home: Home) -> None:
        self._label, self._asked = label, False
        self._log = open(home.path / "log", "w+b")  # noqa: SIM115 - closed with the process
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._log}
        try:
            self._process = home.start(command, **OWN_GROUP, **pipes)
        except OSError as error:
            self._log.close()
            home.remove()
            raise ChildError(f"{label} cannot be started: {error.strerror}") from None
        self.close = weakref.finalize(self, _close, self._process, self._log, home)  # once, however often it is called

    @property
    def process_id(self) -> int:
        """Of the process."""
        return self._process.pid

    def ask(self, exchange: Callable[[IO[bytes], IO[bytes]], Answer], seconds: float) -> Answer:
        """What an exchange over (what the process reads, what it writes) returns.

        Raises ChildError if that takes longer than `seconds`, and where the process ends instead, which an exchange
        meets as a BrokenPipeError or raises as an EOFError. Whatever else it raises ends the process, which is in the
        middle of something that nobody waits for.
        """
        hung = threading.Event()

        def give_up() -> None:
            hung.set()
            end(self._process)

        alarm = threading.Timer(seconds, give_up)
        alarm.start()
        self._asked = True
        try:
            return exchange(*_pipes(self._process))
        except (EOFError, BrokenPipeError):
            code = self._process.wait()
            how = f"did not answer within {seconds:g} s" if hung.is_set() else ending(code)
            raise ChildError(self._obituary(how)) from None
        except BaseException:
            end(self._process)
            raise
        finally:
            self._asked = False
            alarm.cancel()

    def watch(self, gone: Callable[[str], None]) -> None:
        """Call `gone`, from another thread, with the sentence, if the process ends unasked and is not closed."""

        def wait() -> None:
            code = self._process.wait()
            if self.close.alive and not self._asked:
                gone(self._obituary(ending(code)))

        threading.Thread(target=wait, daemon=True).start()

    def _obituary(self, how: str) -> str:
        with open(self._log.name, "rb") as log:  # of its own: another thread may read it too
            return f"{self._label} {how}; its last words: {last_words(log.read().decode(errors='replace'))}"


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None  # for both `Child` asked
    assert process.stdout is not None
    return process.stdin, process.stdout


def _close(process: subprocess.Popen[bytes], log: IO[bytes], home: Home) -> None:
    """Let the process end by itself, so that it gives its chip back; then end it, and remove its folder."""
    questions, answers = _pipes(process)
    with suppress(BrokenPipeError):  # it died with a question unread
        questions.close()
    try:
        process.wait(PARTING_S)
    except subprocess.TimeoutExpired:
        end(process)
    answers.close()
    log.close()
    home.remove()
