"""The words of two results: which change is a regression.

    faithful, usable   right; from one to the other is a change that is shown and does not fail: a correct float32 run
                       crosses that line when roundings fall another way
    undefined, unjudged, unusable, unstable, failed   not right, from the least to the worst

A row regresses where its word is worse than before and not right, and where it had a verdict and has none. A row
that is new regresses where it is wrong.
"""

from __future__ import annotations

from typing import Iterable

from neurochip_bench.accuracy.verdict import FAITHFUL, UNDEFINED, UNJUDGED, UNUSABLE, USABLE
from neurochip_bench.keep.saved import SavedRow
from neurochip_bench.keep.words import FAILED, UNSTABLE

NOTHING = "–"  # there is no result to judge, such as where a network is built
ORDER = (NOTHING, FAITHFUL, USABLE, UNDEFINED, UNJUDGED, UNUSABLE, UNSTABLE, FAILED)
WRONG = (UNJUDGED, UNUSABLE, UNSTABLE, FAILED)
LAST_RIGHT = ORDER.index(USABLE)


def word_of(row: SavedRow) -> str:
    """The word of a saved row, "–" where there is none."""
    return row.word or NOTHING


def worst(words: Iterable[str]) -> str:
    """The worst of some words; a verdict that some processes have and others lack is "unjudged" in those."""
    found = set(words)
    if NOTHING in found and found - {NOTHING, FAILED}:
        found = found - {NOTHING} | {UNJUDGED}
    return max(found, key=ORDER.index)


def regressed(base: str | None, new: str) -> bool:
    """Whether a word got worse than right, or went; `base` None is a row that was not there."""
    if base is None:
        return new in WRONG
    if new == NOTHING:
        return base not in (NOTHING, FAILED)  # a row that failed before may be one that has no verdict
    return ORDER.index(new) > max(ORDER.index(base), LAST_RIGHT)
