"""An answer of "Which hardware?": a question and its sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Sequence, Union


class Listed(NamedTuple):
    """A head, and lines below it."""

    head: str
    lines: list[str]


Sentence = Union[str, Listed]


@dataclass(frozen=True)
class Answer:
    """A question and its sentences."""

    key: str
    question: str
    sentences: Sequence[Sentence]
