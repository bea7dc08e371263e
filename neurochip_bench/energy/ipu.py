"""Graphcore's gcipuinfo: the power of an IPU's board, or of the chip where the board does not tell.

The module belongs to the Python of the Poplar SDK, so a process of that Python reads it.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
from contextlib import suppress

from neurochip_bench.backends.ipu.program import RemoteIpuProgram
from neurochip_bench.backends.remote.survive import end, ending, last_words
from neurochip_bench.backends.remote.worker import Home
from neurochip_bench.energy.ipu_powers import BOARD, CHIP, OWNER, SAYS
from neurochip_bench.energy.meter import Meter, MeterError, Reading, positive_watts

LIMIT_S = 20.0  # for one reading
SCOPES = {BOARD: "board", CHIP: "chip"}
POWER = re.compile(r"(-?\d+(?:\.\d+)?)\s*W")


class Gcipuinfo(Meter):
    """The IPU that process `pid` uses, or the only one that tells a power."""

    name, scope, interval_s = "gcipuinfo", "board", 0.2

    def open(self):
        """Start the process and find which power it tells."""
        self._reader = _Reader(RemoteIpuProgram.python())
        try:
            self._key = next((key for key in SCOPES if _power(self._device(), key) is not None), None)
        except BaseException:
            self.close()
            raise
        if self._key is None:
            self.close()
            raise MeterError(f"gcipuinfo tells neither {' nor '.join(SCOPES)} of the IPU (N/A)")
        self.scope = SCOPES[self._key]

    def close(self):
        """End the process."""
        self._reader.close()

    def read(self):
        """Watts."""
        watts = _power(self._device(), self._key)
        if watts is None:
            raise MeterError(f"gcipuinfo says N/A for {self._key}, which it told before")
        return Reading(watts=positive_watts(self.name, watts))

    def _device(self):
        devices = self._reader.ask()
        if not devices:
            raise MeterError("gcipuinfo lists no IPU")
        used = [device for device in devices if self.pid is not None and device[OWNER] == str(self.pid)]
        if len(used) == 1 or len(devices) == 1 or self.pid is None:
            return (used or devices)[0]
        raise MeterError(
            f"gcipuinfo lists {len(devices)} IPUs, {len(used)} of them used by process {self.pid}: expected one"
        )


def _power(device, key):
    """Watts from "123.4W"; None where the device does not tell."""
    text = device[key]
    if text in (None, "", "N/A"):
        return None
    found = POWER.fullmatch(text.strip())
    if found is None:
        raise MeterError(f"gcipuinfo says {text!r} for {key}: expected a power such as 123.4W, or N/A")
    return float(found[1])


class _Reader:
    """The process that has gcipuinfo."""

    def __init__(self, python):
        self._label, self._home = f"gcipuinfo under {python}", Home()
        self._log = open(self._home.path / "log", "w+b")  # noqa: SIM115 - closed with the process
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._log}
        command = [python, "-c", "from neurochip_bench.energy.ipu_powers import main; main()"]
        try:
            self._process = self._home.start(command, start_new_session=True, **pipes)
        except OSError as error:
            self._log.close()
            self._home.remove()
            raise MeterError(f"{self._label} cannot be started: {error.strerror}") from None

    def ask(self):
        """What gcipuinfo says of each IPU now; raises MeterError with the last words of a process that cannot."""
        hung = threading.Event()

        def give_up():
            hung.set()
            end(self._process)

        alarm = threading.Timer(LIMIT_S, give_up)
        alarm.start()
        try:
            self._process.stdin.write(b"\n")
            self._process.stdin.flush()
            for line in self._process.stdout:
                if line.startswith(SAYS.encode()):
                    return json.loads(line[len(SAYS) :].decode())
        except BrokenPipeError:
            pass  # it has ended, and its obituary is raised below
        finally:
            alarm.cancel()
        raise MeterError(self._obituary(hung.is_set()))

    def _obituary(self, hung):
        code = self._process.wait()
        self._log.seek(0)
        how = f"did not answer within {LIMIT_S:g} s" if hung else ending(code)
        return f"{self._label} {how}; its last words: {last_words(self._log.read().decode(errors='replace'))}"

    def close(self):
        """End the process and remove its folder."""
        end(self._process)
        self._process.stdout.close()
        with suppress(BrokenPipeError):  # it died with a question unread
            self._process.stdin.close()
        self._log.close()
        self._home.remove()
