"""The words of two results: which change is a regression.

    faithful, usable   right; from one to the other is a change that is shown and does not fail: a correct float32 run
                       crosses that line when roundings fall another way
    undefined, unjudged, unusable, failed   not right, from the least to the worst

A row regresses where its word is worse than before and not right. A row that is new regresses where it is wrong.
"""

from __future__ import annotations

from model.accuracy.verdict import FAITHFUL, UNDEFINED, UNJUDGED, UNUSABLE, USABLE

FAILED = "failed"  # crashed, hung or raised
NOTHING = "–"  # there is no result to judge, such as where a network is built
ORDER = (NOTHING, FAITHFUL, USABLE, UNDEFINED, UNJUDGED, UNUSABLE, FAILED)
WRONG = (UNJUDGED, UNUSABLE, FAILED)
LAST_RIGHT = ORDER.index(USABLE)


def word_of(row):
    """The verdict of a saved row; "unusable" also where a stress test found it unstable."""
    if row.reason is not None:
        return FAILED
    word = row.record["verdict"]
    if row.record["stable"] is False:
        return UNUSABLE
    if word is None:
        return NOTHING
    return word if word in ORDER else UNJUDGED  # a word that is not known says nothing


def worst(words):
    """The worst of some words."""
    return max(words, key=ORDER.index)


def regressed(base, new):
    """Whether a word got worse than right; `base` None is a row that was not there."""
    if base is None:
        return new in WRONG
    return ORDER.index(new) > max(ORDER.index(base), LAST_RIGHT)
