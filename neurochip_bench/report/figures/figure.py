"""A figure of the report: panels that are drawn one by one, so that they stand side by side or, on a phone, stack."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable, Sequence

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
    missing  None, or one sentence that says why there is no panel, or only what was published, and what to run
    """

    key: str
    title: str
    caption: str
    panels: list[Panel] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missing: str | None = None


PUBLISHED_ONLY = "published, not measured here"  # of a panel's title


def not_measured(experiment: str, what: str = "rows of this experiment") -> str:
    """The sentence for a figure without data."""
    return f"Not measured here: the saved runs have no {what}. Run {command(experiment)}."


def unmeasured(panels: Sequence[Panel], experiment: str, what: str = "rows of this experiment") -> str | None:
    """The sentence for a figure of which some panels, or all, show published numbers alone; None where none does."""
    only = [panel.title.replace(f" ({PUBLISHED_ONLY})", "") for panel in panels if PUBLISHED_ONLY in panel.title]
    if len(only) == len(panels):
        return not_measured(experiment, what)
    return f"Not measured here: {'; '.join(only)}. Run {command(experiment)}." if only else None


def command(experiment: str) -> str:
    """What measures an experiment, as code."""
    return f"`pytest -m {experiment} --benchmark-save={experiment}`"
