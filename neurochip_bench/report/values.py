"""Values of a saved run are untrusted: what is read here has the type that it says, or is None."""

from __future__ import annotations

import math
import unicodedata

LONGEST = 100  # characters of a name that are shown


def is_number(value):
    """Whether the value is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def number(value):
    """The value as a finite float; None for anything else, also for booleans, strings and numbers beyond a float."""
    if not is_number(value):
        return None
    try:
        value = float(value)
    except OverflowError:
        return None
    return value if math.isfinite(value) else None


def positive(value):
    """The value as a float from 1e-15 to 1e15, such as a time that can be, else None."""
    value = number(value)
    return value if value is not None and 1e-15 <= value <= 1e15 else None


def whole(value):
    """The value as an integer from 1 to 10¹², such as a number of cells, else None."""
    value = number(value)
    return int(value) if value is not None and 1 <= value <= 1e12 and value == int(value) else None


def flag(value):
    """The value if it is true or false, else None."""
    return value if isinstance(value, bool) else None


def text(value, longest=LONGEST):
    """The value as one line of printable characters, cut where it is long; None for an empty one or no string."""
    if not isinstance(value, str):
        return None
    head = value[: 4 * longest]
    line = " ".join("".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in head).split())
    if len(line) > longest or len(value) > len(head):
        line = line[: longest - 1] + "…"
    return line or None


def mapping(value):
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def shown(value, digits=3):
    """A number for people: three significant digits, thousands grouped; "–" for None."""
    if value is None:
        return "–"
    if isinstance(value, int) or (1e3 <= abs(value) < 1e7):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"
