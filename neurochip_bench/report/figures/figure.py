"""A figure of the report: panels that are drawn one by one, so that they stand side by side or, on a phone, stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


@dataclass(frozen=True)
class Panel:
    """One picture.

    key   its file's name
    alt   what the data show, in words, for whoever does not see it
    draw  makes the picture
    """

    key: str
    title: str
    alt: str
    draw: Callable[[], Drawing]


@dataclass(frozen=True)
class Figure:
    """Panels under one heading.

    caption  what is drawn, against what
    notes    what to know before believing it
    missing  None, or one sentence that says why there is no panel, and what to run
    """

    key: str
    title: str
    caption: str
    panels: list[Panel] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missing: str | None = None


def not_measured(experiment: str, what: str = "rows of this experiment") -> str:
    """The sentence for a figure without data."""
    return f"The saved runs have no {what}: run `pytest -m {experiment} --benchmark-save={experiment}`."
