"""The judgement of results: measures of distance, yardsticks to hold them against, and the verdict."""

from __future__ import annotations

from model.accuracy.measures import MEASURES, measure
from model.accuracy.verdict import FAITHFUL, RIGHT, UNDEFINED, UNJUDGED, UNUSABLE, USABLE, Verdict, judge
from model.accuracy.yardsticks import WINDOWS, yardsticks

__all__ = [
    "FAITHFUL",
    "MEASURES",
    "RIGHT",
    "UNDEFINED",
    "UNJUDGED",
    "UNUSABLE",
    "USABLE",
    "WINDOWS",
    "Verdict",
    "judge",
    "measure",
    "yardsticks",
]
