"""Mann's and Whitney's exact rank test: from how many processes on, and how far apart, two sides differ."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=None)
def critical(m: int, n: int, alpha: float) -> int:
    """The largest U that Mann's and Whitney's exact two-sided test of m against n rejects at `alpha`; -1 for none."""
    counts = _arrangements(m, n)
    total, tail = sum(counts), 0
    for u, count in enumerate(counts):
        tail += count
        if 2 * tail > alpha * total:
            return u - 1
    raise AssertionError("some U has half of all arrangements below it")


def _arrangements(m: int, n: int) -> list[int]:
    """How many of the ways to put m and n values in order have U = 0, 1, … m n."""
    counts = [1] + [0] * (m * n)
    for i in range(1, m + 1):  # times (1 - q^(n+i)) / (1 - q^i), Gauss's binomial coefficient
        for u in range(m * n, n + i - 1, -1):
            counts[u] -= counts[u - n - i]
        for u in range(i, m * n + 1):
            counts[u] += counts[u - i]
    return counts
