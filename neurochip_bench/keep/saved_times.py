"""Times in saved runs, for readers: what a damaged file holds instead of one is None."""

from __future__ import annotations

from datetime import datetime, timezone

from neurochip_bench.keep.saved import SavedRow, SavedRun

LEAST_S, MOST_S = 1e-15, 1e15  # what is beyond is no time of a round


def saved_at(run: SavedRun) -> datetime | None:
    """When a run was saved, with a time zone, or None where it does not tell."""
    try:
        date = datetime.fromisoformat(run.datetime or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)


def seconds(row: SavedRow, statistic: str) -> float | None:
    """One of pytest-benchmark's statistics of a row's rounds, such as "min" or "median", or None."""
    value = (row.stats or {}).get(statistic)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if LEAST_S <= value <= MOST_S else None
