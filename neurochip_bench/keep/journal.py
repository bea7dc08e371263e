"""A run's journal: each finished row on disk, a JSON line each, before the next one starts."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import datetime, timezone
from glob import escape
from pathlib import Path
from typing import Any, Mapping
from uuid import uuid4

from filelock import BaseFileLock, FileLock, Timeout
from pytest_benchmark.utils import safe_dumps

from neurochip_bench.keep.record import Facts

FOLDER = "unfinished"  # in the storage, beside the folders of saved runs
FORM = 2  # of a journal; a run goes on with its own form alone


@dataclass
class Content:
    """What a journal holds.

    header    the form, the run's name, when it began, and what has to be the same for a run to go on
    finished  what became of each row, by its id: its "outcome", its "entry" for the saved run, a "reason" or None, and
              the "seconds" that it took where they are known
    running   id of the row that was in progress, None between rows; and what is known of it
    partial   files that an interrupted part of the run was saved in
    saved     whether the run has ended and all of this was saved
    closed    whether the last process saved what it had, all of it or a part
    collected how many rows the last process had to run
    ended     pytest's exit code of the last process, None of one that pytest did not bring to its own end
    """

    header: dict[str, Any] = field(default_factory=dict)  # any JSON, as are the entries of finished rows
    finished: dict[str, dict[str, Any]] = field(default_factory=dict)
    running: str | None = None
    record: Facts = field(default_factory=dict)
    partial: list[str] = field(default_factory=list)
    saved: bool = False
    closed: bool = False
    collected: int = 0
    ended: int | None = None


class Journal:
    """A file of JSON lines in a storage of saved runs. What was cut off while it was written is not read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, storage: Path, name: str, conditions: Mapping[str, str]) -> Journal:
        """A new journal for a run that is going to be saved as `name`; `conditions` must hold for it to go on."""
        path = storage / FOLDER / f"{name}-{uuid4().hex}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        journal = cls(path)
        started = datetime.now(timezone.utc).isoformat(timespec="seconds")
        journal.write(form=FORM, name=name, conditions=conditions, datetime=started)
        return journal

    @classmethod
    def left_behind(cls, storage: Path, name: str) -> Journal | None:
        """The newest journal of a run of this name that is not being written any more, or None."""
        found = [cls(path) for path in (storage / FOLDER).glob(f"{escape(name)}-*.jsonl")]
        found = [journal for journal in found if journal.is_of(name) and journal.is_free()]
        return max(found, key=lambda journal: journal.path.stat().st_mtime, default=None)

    def is_of(self, name: str) -> bool:
        """Whether a run of this name wrote this journal and has not been saved."""
        content = self.read()
        return bool(content.header.get("name") == name and not content.saved)

    def lock(self) -> BaseFileLock:
        """The lock that the run which writes this journal holds; the system frees it whatever ends the run."""
        return FileLock(f"{self.path}.lock")

    def is_free(self) -> bool:
        """Whether no run is writing this journal."""
        try:
            with self.lock().acquire(timeout=0):
                return True
        except Timeout:
            return False

    def write(self, **line: Any) -> None:  # whatever JSON holds
        """Append a line, and do not return before the disk has it. Raises OSError, which names the journal."""
        try:
            with self.path.open("ab+") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(size - 1, 0))
                whole = file.read() in (b"", b"\n")  # else the last line was cut off
                file.write((b"" if whole else b"\n") + safe_dumps(line, ensure_ascii=True).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path)) from error

    def start(self, key: str, record: Facts) -> None:
        """Write that a row begins; `record` is what is known of it."""
        self.write(start=key, record=record)

    def finish(
        self,
        key: str,
        outcome: str,
        entry: Mapping[str, object] | None,
        reason: str | None = None,
        seconds: float | None = None,
    ) -> None:
        """Write that a row has ended, and how long it took where that is known.

        entry   what a saved run holds of it, None of one that was skipped
        """
        self.write(finish=key, outcome=outcome, entry=entry, reason=reason, seconds=seconds)

    def end(self) -> None:
        """Write that all rows have been saved."""
        self.write(saved=True)

    def read(self) -> Content:
        """The `Content` of the journal's whole lines."""
        content = Content()
        for text in self.path.read_text(encoding="utf-8").splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue  # cut off
            if "start" in line:
                content.running, content.record = line["start"], line["record"]
            elif "finish" in line:
                content.running = None
                if line["outcome"] != "skipped":
                    content.finished[line["finish"]] = line
            elif "child" in line:  # a process that knows nothing of the one before
                content.running, content.ended, content.closed = None, None, False
            elif "collected" in line:
                content.collected = line["collected"]
            elif "ended" in line:
                content.ended = line["ended"]
            elif "partial" in line:
                content.partial, content.closed = content.partial + line["partial"], True
            elif "saved" in line:
                content.saved = content.closed = True
            else:
                content.header = line
        return content

    def remove(self) -> None:
        """Delete the journal's file and its lock's, once its rows have been saved."""
        self.path.unlink()
        Path(f"{self.path}.lock").unlink(missing_ok=True)
