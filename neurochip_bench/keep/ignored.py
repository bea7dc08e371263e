"""What reading a saved run ignored, in short: a damaged file may hold hundreds of such values."""

from __future__ import annotations

from typing import Sequence

NAMED = 2  # values in a sentence


def in_short(sentences: Sequence[str]) -> str:
    """Some sentences of `SavedRun.ignored` as one, the first of many."""
    more = f" and {len(sentences) - NAMED} more" if len(sentences) > NAMED else ""
    return f"values of another type are not read: {'; '.join(sentences[:NAMED])}{more}"
