"""The words of pytest's -m: by which rows are selected, and what only their names ask for."""

from __future__ import annotations

import re

import pytest

from model.kernels import KERNELS
from neurochip_bench.backends.registry import devices
from neurochip_bench.keep.words import EXPERIMENTS, PEER


def wanted(expression: str) -> set[str]:
    """The words of a `-m` expression but for those that it does not want."""
    return set(re.findall(r"\w+", re.sub(r"\bnot\s+\w+", "", expression)))


def asks_for_rows(expression: str) -> bool:
    """Whether a `-m` expression names a device, kernel or connectivity, and not only what it does not want."""
    return bool({*devices(), PEER, *KERNELS, "connected", "unconnected", "slow"} & wanted(expression))


def words() -> list[str]:
    """What rows can be selected by: devices, kernels, connectivity, and what is left out unless it is asked for."""
    return [*devices(), PEER, *KERNELS, "connected", "unconnected", "slow", "experiment", *EXPERIMENTS]


def check_words(expression: str) -> None:
    """Raise UsageError for a word of a `-m` expression that selects no row."""
    known = words()
    for word in re.findall(r"[^\W\d][\w.:+-]*", expression):
        if word not in (*known, "and", "or", "not"):
            raise pytest.UsageError(
                f"-m {expression!r}: no row is marked {word!r}: expected some of {', '.join(known)}"
            )


def asks_for_experiment(expression: str, item: pytest.Item) -> bool:
    """Whether a `-m` expression names the experiment that a test belongs to, or all experiments."""
    markers = [name for name in ("experiment", *EXPERIMENTS) if item.get_closest_marker(name)]
    return bool(set(markers) & wanted(expression))
