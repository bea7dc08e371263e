"""Saved runs: what pytest-benchmark wrote, read with suspicion."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping

from neurochip_bench.accuracy.verdict import FAITHFUL, UNDEFINED, UNJUDGED, UNUSABLE, USABLE

UNSTABLE, FAILED = "unstable", "failed"  # words of rows besides the verdicts
VERDICTS = (FAITHFUL, USABLE, UNDEFINED, UNJUDGED, UNUSABLE)
SCHEMA = 1  # of the record in `extra_info`; another number means that keys have changed their meaning


class SavedRunError(ValueError):
    """A file that is not a saved run, or not one that can be read: its message is one sentence for the user."""


@dataclass(frozen=True)
class SavedRow:
    """A row of a saved run.

    id      what saved runs are compared by: the test's path and name, parameters in brackets
    name    its last part, such as `test_run[io-connected-jax-cpu-f32-n=64]`
    record  the flat record of what ran where, how fast and how right; unknown keys read as None
    stats   pytest-benchmark's statistics in seconds, None for a row that failed before it was timed
    reason  None, or one sentence that says why the row did not finish
    """

    id: str
    name: str
    record: Mapping[str, Any]
    stats: Mapping[str, Any] | None
    reason: str | None = None

    @property
    def rounds(self):
        """Seconds of each round, where the run was saved with its data; else an empty list."""
        data = (self.stats or {}).get("data")
        return list(data) if isinstance(data, list) else []

    @property
    def word(self):
        """What became of the row: "failed" if it did not finish, "unstable" if a stress test says so, else its verdict.

        None where there is no result to judge, such as where a network is built; an unknown verdict reads "unjudged".
        """
        if self.reason is not None:
            return FAILED
        if self.record["stable"] is False:
            return UNSTABLE
        verdict = self.record["verdict"]
        return verdict if verdict is None or verdict in VERDICTS else UNJUDGED


@dataclass(frozen=True)
class SavedRun:
    """A saved run: where and when it ran, and its rows, those that failed at the end.

    floor   "<model> <connectivity>" to the ns per cell and step that its machine needs at least; empty in older runs
    """

    path: Path
    rows: list[SavedRow]
    machine: Mapping[str, Any] = field(default_factory=dict)
    commit: Mapping[str, Any] = field(default_factory=dict)
    datetime: str | None = None
    floor: Mapping[str, float] = field(default_factory=dict)


def load(path):
    """The `SavedRun` in a file.

    Raises SavedRunError where the file cannot be read, is cut off, is not pytest-benchmark's or has a record of a newer
    schema. A run without rows is no error.
    """
    path = Path(path)
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SavedRunError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise SavedRunError(f"{path}: is not JSON, or was cut off while it was written: {error}") from error
    if not isinstance(saved, dict) or not isinstance(saved.get("benchmarks"), list):
        raise SavedRunError(f"{path}: has no list of benchmarks: expected a file that --benchmark-save wrote")
    try:
        rows = [_row(path, entry) for entry in (*saved["benchmarks"], *saved.get("failures", []))]
    except SavedRunError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SavedRunError(f"{path}: has a row that pytest-benchmark does not write: {error!r}") from error
    machine, commit, floor = (_mapping(saved.get(key)) for key in ("machine_info", "commit_info", "floor"))
    when = saved.get("datetime")
    return SavedRun(path, rows, machine, commit, when if isinstance(when, str) else None, floor)


def _row(path, entry):
    record = _Record({key: _scalar(value) for key, value in dict(entry.get("extra_info") or {}).items()})
    schema = record["schema"]
    if schema is not None and (not isinstance(schema, int) or schema > SCHEMA):
        raise SavedRunError(
            f"{path}: {entry['name']} has schema {schema!r}: expected at most {SCHEMA}, update this suite"
        )
    stats, reason = _mapping(entry.get("stats")) or None, entry.get("reason")
    return SavedRow(
        str(entry["fullname"]), str(entry["name"]), record, stats, None if reason is None else str(_scalar(reason))
    )


def _mapping(value):
    """The value if it is a mapping, else an empty one: what a damaged file holds there is not known."""
    return value if isinstance(value, dict) else {}


def _scalar(value):
    """The value if it is a string, a number, true, false or null, else None."""
    return value if isinstance(value, (str, int, float)) else None


class _Record(dict):
    """A record whose missing keys read as None, since older runs lack what was added since."""

    def __missing__(self, key):
        return None
