"""Values of a saved run are untrusted: what is read here has the type that it says, or is None."""

from __future__ import annotations

import math
import unicodedata
from typing import Any, Mapping

LONGEST = 100  # characters of a name that are shown
Untrusted = Any  # what somebody's JSON holds in a place


def is_number(value: object) -> bool:
    """Whether the value is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def number(value: Untrusted) -> float | None:
    """The value as a finite float; None for anything else, also for booleans, strings and numbers beyond a float."""
    if not is_number(value):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def positive(value: Untrusted) -> float | None:
    """The value as a float from 1e-15 to 1e15, such as a time that can be, else None."""
    found = number(value)
    return found if found is not None and 1e-15 <= found <= 1e15 else None


def whole(value: Untrusted) -> int | None:
    """The value as an integer from 1 to 10¹², such as a number of cells, else None."""
    found = number(value)
    return int(found) if found is not None and 1 <= found <= 1e12 and found == int(found) else None


def flag(value: Untrusted) -> bool | None:
    """The value if it is true or false, else None."""
    return value if isinstance(value, bool) else None


def text(value: Untrusted, longest: int = LONGEST) -> str | None:
    """The value as one line of printable characters, cut where it is long; None for an empty one or no string."""
    if not isinstance(value, str):
        return None
    head = value[: 4 * longest]
    line = " ".join("".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in head).split())
    if len(line) > longest or len(value) > len(head):
        line = line[: longest - 1] + "…"
    return line or None


def mapping(value: Untrusted) -> Mapping[str, Untrusted]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def shown(value: float | None, digits: int = 3) -> str:
    """A number for people: three significant digits, thousands grouped; "–" for None."""
    if value is None:
        return "–"
    if isinstance(value, int) or (1e3 <= abs(value) < 1e7):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"
