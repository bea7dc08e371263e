"""What reading a saved run ignored, in short: a damaged file may hold hundreds of such values."""

from __future__ import annotations

from typing import Sequence

from neurochip_bench.keep.saved import SavedRun

NAMED = 2  # values in a sentence


def said_of(run: SavedRun) -> list[str]:
    """A sentence for each kind of thing that was not read: values of another type, ids that come again."""
    said = [in_short(run.ignored)] if run.ignored else []
    if run.again:
        said.append(f"ids that stand there more than once count once, by the last: {first_of(run.again)}")
    return said


def in_short(sentences: Sequence[str]) -> str:
    """Some sentences of `SavedRun.ignored` as one, the first of many."""
    return f"values of another type are not read: {first_of(sentences)}"


def first_of(things: Sequence[str]) -> str:
    """The first of some things, and how many more there are."""
    more = f" and {len(things) - NAMED} more" if len(things) > NAMED else ""
    return f"{'; '.join(things[:NAMED])}{more}"
