"""Saved runs: what pytest-benchmark wrote, read with suspicion."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping, Sequence

from neurochip_bench.accuracy.verdict import UNJUDGED
from neurochip_bench.keep.floor import Floor
from neurochip_bench.keep.floor import read as read_floor
from neurochip_bench.keep.record import Facts, Record, read
from neurochip_bench.keep.standard import SCHEMA
from neurochip_bench.keep.words import FAILED, UNSTABLE, VERDICTS, experiment_of


class SavedRunError(ValueError):
    """A file that is not a saved run, or not one that can be read: its message is one sentence for the user."""


@dataclass(frozen=True)
class SavedRow:
    """A row of a saved run.

    id      what saved runs are compared by: the test's path and name, parameters in brackets
    name    its last part, such as `test_run[io-connected-jax-cpu-f32-n=64]`
    record  what ran where, how fast and how right
    stats   pytest-benchmark's statistics in seconds, None for a row that failed before it was timed
    reason  None, or one sentence that says why the row did not finish
    unknown  fields that a newer suite or somebody else has written
    ignored  a sentence by the name of each field whose value is not of its type, and reads as None
    """

    id: str
    name: str
    record: Record
    stats: Mapping[str, Any] | None  # any JSON: a damaged file may hold anything
    reason: str | None = None
    unknown: Facts = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)

    @property
    def experiment(self) -> str:
        """What the row is part of; rows of older runs are told by the name of their test."""
        return self.record.experiment or experiment_of(self.name)

    @property
    def rounds(self) -> list[float]:
        """Seconds of each round, where the run was saved with its data; else an empty list."""
        data = (self.stats or {}).get("data")
        return list(data) if isinstance(data, list) else []

    @property
    def word(self) -> str | None:
        """What became of the row: "failed" if it did not finish, else what was judged, None where nothing was."""
        return self.judged if self.reason is None else FAILED

    @property
    def judged(self) -> str | None:
        """The verdict; "unstable", whatever it is, if a stress test says so.

        None where there is no result to judge, such as where a network is built; an unknown or damaged verdict reads
        "unjudged".
        """
        if self.record.stable is False:
            return UNSTABLE
        verdict = self.record.verdict
        nothing = verdict is None and "verdict" not in self.ignored
        return verdict if nothing or verdict in VERDICTS else UNJUDGED


@dataclass(frozen=True)
class SavedRun:
    """A saved run: where and when it ran, and its rows, those that failed at the end.

    floor   what its machine needs at least; older runs say it of the operations alone, or not at all
    again   ids that stand in the file more than once, as older runs with retries have them: the last of each is read
    """

    path: Path
    rows: list[SavedRow]
    machine: Mapping[str, Any] = field(default_factory=dict)  # any JSON, as below
    commit: Mapping[str, Any] = field(default_factory=dict)
    datetime: str | None = None
    floor: Floor = field(default_factory=Floor)
    again: Sequence[str] = ()

    @property
    def ignored(self) -> list[str]:
        """A sentence for each value of a row's record that was ignored."""
        return [f"{row.name}: {sentence}" for row in self.rows for sentence in row.ignored.values()]


def load(path: str | Path) -> SavedRun:
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
    machine, commit = (_mapping(saved.get(key)) for key in ("machine_info", "commit_info"))
    when = saved.get("datetime")
    again = [key for key, count in Counter(row.id for row in rows).items() if count > 1]
    last = list({row.id: row for row in rows}.values())  # the failures stand behind the others
    floor = read_floor(saved.get("floor"))
    return SavedRun(path, last, machine, commit, when if isinstance(when, str) else None, floor, again)


def _row(path: Path, entry: Any) -> SavedRow:  # any JSON
    info = dict(entry.get("extra_info") or {})
    schema = _scalar(info.get("schema"))
    if schema is not None and (not isinstance(schema, int) or schema > SCHEMA):
        raise SavedRunError(
            f"{path}: {entry['name']} has schema {schema!r}: expected at most {SCHEMA}, update this suite"
        )
    record, unknown, ignored = read(info)
    stats, reason = _mapping(entry.get("stats")) or None, entry.get("reason")
    said = None if reason is None else str(_scalar(reason))
    return SavedRow(str(entry["fullname"]), str(entry["name"]), record, stats, said, unknown, ignored)


def _mapping(value: Any) -> dict[str, Any]:  # any JSON
    """The value if it is a mapping, else an empty one: what a damaged file holds there is not known."""
    return value if isinstance(value, dict) else {}


def _scalar(value: Any) -> Any:  # any JSON
    """The value if it is a string, a number, true or false, else None."""
    return value if isinstance(value, (str, int, float)) else None
