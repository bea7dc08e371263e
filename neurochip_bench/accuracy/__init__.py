"""The judgement of results: measures of distance, yardsticks to hold them against, and the verdict.

What needs backends is asked for by its module: `yardsticks`, `reference`, `cases`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from neurochip_bench.lazy import lazily

if TYPE_CHECKING:
    from neurochip_bench.accuracy.measures import MEASURES, measure
    from neurochip_bench.accuracy.verdict import FAITHFUL, RIGHT, UNDEFINED, UNJUDGED, UNUSABLE, USABLE, Verdict, judge

__all__ = [
    "FAITHFUL",
    "MEASURES",
    "RIGHT",
    "UNDEFINED",
    "UNJUDGED",
    "UNUSABLE",
    "USABLE",
    "Verdict",
    "judge",
    "measure",
]

_WORDS = ("FAITHFUL", "RIGHT", "UNDEFINED", "UNJUDGED", "UNUSABLE", "USABLE", "Verdict", "judge")
__getattr__, __dir__ = lazily(
    __name__,
    {
        **dict.fromkeys(("MEASURES", "measure"), "neurochip_bench.accuracy.measures"),
        **dict.fromkeys(_WORDS, "neurochip_bench.accuracy.verdict"),
    },
)
