"""Graphcore's gcipuinfo: the power of an IPU's board, or of the chip where the board does not tell.

The module belongs to the Python of the Poplar SDK, so a process of that Python reads it.
"""

from __future__ import annotations

import json
import re
from typing import IO, Dict, Optional

from neurochip_bench.backends.ipu.program import RemoteIpuProgram
from neurochip_bench.backends.remote.child import Child, ChildError
from neurochip_bench.backends.remote.home import Home
from neurochip_bench.energy.ipu_powers import BOARD, CHIP, OWNER, SAYS
from neurochip_bench.energy.meter import Meter, MeterError, Reading, positive_watts

LIMIT_S = 20.0  # for one reading
PARTS = ("__init__.py", "lazy.py", "energy/ipu_powers.py")  # of `neurochip_bench` that the process can import
READER = "neurochip_bench.energy.ipu_powers"
SCOPES = {BOARD: "board", CHIP: "chip"}
Device = Dict[str, Optional[str]]  # what gcipuinfo says of an IPU, by key
POWER = re.compile(r"(-?\d+(?:\.\d+)?)\s*W")


class Gcipuinfo(Meter):
    """The IPU that process `pid` uses, or the only one that tells a power."""

    name, scope, interval_s = "gcipuinfo", "board", 0.2

    def open(self) -> None:
        """Start the process and find which power it tells."""
        self._reader = Reader(RemoteIpuProgram.python())
        try:
            self._key = self._told()
        except BaseException:
            self.close()
            raise
        self.scope = SCOPES[self._key]

    def close(self) -> None:
        """End the process."""
        self._reader.close()

    def read(self) -> Reading:
        """The power in W as it is now; raises MeterError where it is not told."""
        watts = _power(self._device(), self._key)
        if watts is None:
            raise MeterError(f"gcipuinfo says N/A for {self._key}, which it told before")
        return Reading(watts=positive_watts(self.name, watts))

    def _told(self) -> str:
        for key in SCOPES:
            if _power(self._device(), key) is not None:
                return key
        raise MeterError(f"gcipuinfo tells neither {' nor '.join(SCOPES)} of the IPU (N/A)")

    def _device(self) -> Device:
        devices = self._reader.ask()
        if not devices:
            raise MeterError("gcipuinfo lists no IPU")
        used = [device for device in devices if self.pid is not None and device[OWNER] == str(self.pid)]
        if len(used) == 1 or len(devices) == 1 or self.pid is None:
            return (used or devices)[0]
        raise MeterError(
            f"gcipuinfo lists {len(devices)} IPUs, {len(used)} of them used by process {self.pid}: expected one"
        )


def _power(device: Device, key: str) -> float | None:
    """Watts from "123.4W"; None where the device does not tell."""
    text = device[key]
    if text in (None, "", "N/A"):
        return None
    found = POWER.fullmatch(text.strip())
    if found is None:
        raise MeterError(f"gcipuinfo says {text!r} for {key}: expected a power such as 123.4W, or N/A")
    return float(found[1])


class Reader:
    """The process that has gcipuinfo; raises MeterError with its last words where it cannot answer."""

    def __init__(self, python: str) -> None:
        try:
            self._child = Child(f"gcipuinfo under {python}", [python, "-m", READER], Home(PARTS))
        except ChildError as error:
            raise MeterError(str(error)) from None

    def ask(self) -> list[Device]:
        """What gcipuinfo says of each IPU now."""
        try:
            return self._child.ask(_answer, LIMIT_S)
        except ChildError as error:
            raise MeterError(str(error)) from None

    def close(self) -> None:
        """End the process and remove its folder."""
        self._child.close()


def _answer(questions: IO[bytes], answers: IO[bytes]) -> list[Device]:
    """The next answer; EOFError where the process ends instead."""
    questions.write(b"\n")
    questions.flush()
    for line in answers:
        if line.startswith(SAYS.encode()):
            return json.loads(line[len(SAYS) :].decode())
    raise EOFError("the process ended")
