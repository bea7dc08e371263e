"""Does a change pass? What fails, in sentences, and the exit code."""

from __future__ import annotations

import math
import re

from model.compare.changes import ANOTHER_DEVICE
from model.compare.errors import USAGE, CompareError
from model.compare.match import GONE
from model.compare.speed import SLOWER

OK, FAILED = 0, 1


def threshold(text):
    """The log of the ratio that "10%" or "1.1" stands for."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(%?)", text.strip())
    ratio = (1 + float(found[1]) / 100 if found[2] else float(found[1])) if found else 0.0
    if not 1.0 <= ratio < math.inf:
        raise CompareError(f"--fail-slower {text}: expected a percentage such as 10%, or a ratio such as 1.1")
    return math.log(ratio)


def failures(comparison, slower=None):
    """A sentence for each row that must not be as it is; `slower` is the log of the least ratio that fails, or None.

    A slowdown fails where it is decided and all of its interval lies beyond the threshold: of two hundred rows of
    identical code, one or two are called slower, and none of them fails.
    """
    for row in comparison.rows:
        (old, new), name = row.verdicts, row.pair.row.id
        if row.pair.kind == GONE:
            yield f"{name} vanished"
        elif row.pair.thinned:
            yield f"{name} is in {row.pair.new.share:.0%} of the new processes, was in {row.pair.base.share:.0%}"
        if row.regressed:
            reason = f": {row.pair.new.reason}" if row.pair.new.reason else ""
            yield f"{name} is {new}, was {old or 'not there'}{reason}"
        yield from slowed(name, row, slower)
    for whole in comparison.wholes:
        yield from slowed(whole.name, whole, slower)


def slowed(name, entry, slower):
    """A sentence if a row or a backend as a whole is slower beyond the threshold."""
    if slower is not None and entry.word == SLOWER and entry.shift.low > slower:
        low, high = math.exp(entry.shift.low), math.exp(entry.shift.high)
        yield f"{name} takes {math.exp(entry.shift.log):.2f} times as long ({low:.2f} to {high:.2f})"


def refused(comparison, slower=None):
    """None, or why a gate on speed that was asked for cannot be kept: it is never green for want of times."""
    if slower is None:
        return None
    if comparison.refusal:
        return (
            f"--fail-slower: {comparison.refusal}: times do not compare; run both on one machine, or divide them by a "
            "backend's with --normalise BACKEND"
        )
    moved = [row.pair.row.id for row in comparison.rows if row.word == ANOTHER_DEVICE]
    if moved:
        return f"--fail-slower: {moved[0]} and {len(moved) - 1} more ran on another device: times do not compare"
    timed = any(row.shift is not None for row in comparison.rows)
    return None if timed else "--fail-slower: no row has times on both sides that compare"


def exit_code(found, refusal):
    """The exit code for the sentences of `failures` and `refused`: a regression outweighs a refusal."""
    return FAILED if found else USAGE if refusal else OK
