"""Groq's `tsp-ctl monitor`: a power in what it prints.

What it prints is not public. It is taken to end by itself, as the code of Landsmeer et al. 2024 does, and its one power
to be the board's. Output with no power in W, or with more than one, is refused and shown.
"""

from __future__ import annotations

import re

from neurochip_bench.backends.probes import groq_tool
from neurochip_bench.backends.remote.survive import survived
from neurochip_bench.energy.meter import Meter, MeterError, Reading, positive_watts

LIMIT_S = 10.0  # for one reading
SHOWN = 300  # characters of an output that is not understood
NUMBER = r"(-?\d+(?:\.\d+)?)"
POWERS = (
    re.compile(rf"(?<![\w.-]){NUMBER}\s*W\b"),  # 68.0 W
    re.compile(rf"power\s*[(\[]\s*W\s*[)\]]\s*[:=|]?\s*{NUMBER}(?![\w.])", re.IGNORECASE),  # Power (W): 68.0
)


def watts_in(text: str) -> float:
    """The one power in W in a text; raises MeterError that shows it otherwise."""
    found = [float(number) for pattern in POWERS for number in pattern.findall(text)]
    if len(found) != 1:
        shown = " / ".join(line.strip() for line in text.splitlines() if line.strip())[:SHOWN] or "nothing"
        raise MeterError(f"tsp-ctl monitor says {len(found) or 'no'} powers in W, expected one; it printed: {shown}")
    return positive_watts("tsp-ctl", found[0])


class TspCtl(Meter):
    """The GroqChip's card, if it is the only one."""

    name, scope = "tsp-ctl", "board"

    def open(self) -> None:
        """Find the tool."""
        tool = groq_tool("tsp-ctl")
        if tool is None:
            raise MeterError("tsp-ctl is not on the PATH: expected it from the runtime of GroqWare")
        self._tool = tool

    def read(self) -> Reading:
        """The power in W as it is now; raises MeterError where it is not told."""
        answered, text = survived([self._tool, "monitor"], LIMIT_S)
        if not answered:
            raise MeterError(f"the power of the GroqChip is not known: {text}")
        return Reading(watts=watts_in(text))
