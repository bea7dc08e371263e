"""Where pooled rows come from: which run of a row counts, and what to know before comparing rows of several."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Iterable, Sequence

from neurochip_bench.keep.ignored import said_of
from neurochip_bench.keep.saved import SavedRun
from neurochip_bench.keep.saved_times import saved_at
from neurochip_bench.report.machines import Machine
from neurochip_bench.report.row import Row
from neurochip_bench.report.values import mapping, number, text

if TYPE_CHECKING:
    from neurochip_bench.report.collected import Collected

OLDEST = datetime.min.replace(tzinfo=timezone.utc)


def age(run: SavedRun) -> datetime:
    """What runs are ordered by: when they were saved, the oldest date there is where one does not say."""
    return saved_at(run) or OLDEST


def newest(rows: Sequence[Row]) -> list[Row]:
    """Of each row id on a machine, the row of the newest run, the largest `row.run`; in the order given.

    A row that failed replaces what older runs say of its id; runs of another length of model time are other rows, and
    so are those whose devices belong to another number of processes.
    """
    taken: dict[tuple[Machine, str, int], dict[float | None, int]] = {}
    kept = set()
    for row in sorted(rows, key=lambda row: -row.run):
        lengths = taken.setdefault((row.machine, row.saved.id, row.record.processes or 1), {})
        length = None if row.reason else number(row.record.model_ms)
        if not any(run != row.run for known, run in lengths.items() if known in (None, length)):
            lengths.setdefault(length, row.run)
            kept.add(row)
    return [row for row in rows if row in kept]


def commit(run: SavedRun) -> str | None:
    """A run's commit in ten letters, and whether there were changes."""
    info = mapping(run.commit)
    name = text(info.get("id"))
    return None if name is None else name[:10] + (" + changes" if info.get("dirty") is True else "")


def versions(rows: Iterable[Row]) -> dict[str, list[str]]:
    """{library: its versions in these rows, sorted}."""
    found: dict[str, set[str]] = {}
    for row in rows:
        library, version = text(row.record.library), text(row.record.library_version)
        if library and version:
            found.setdefault(library, set()).add(version)
    return {library: sorted(found[library]) for library in sorted(found)}


def libraries(rows: Iterable[Row]) -> str | None:
    """The libraries of rows with their versions, in words."""
    return ", ".join(f"{library} {version}" for library, those in versions(rows).items() for version in those) or None


def origins(collected: Collected) -> list[str]:
    """A sentence for each run, the oldest first: file, date, commit, libraries, and how many of its rows count."""
    return [_origin(run, [row for row in collected.rows if row.run == i]) for i, run in enumerate(collected.runs)]


def _origin(run: SavedRun, rows: Sequence[Row]) -> str:
    saved = saved_at(run)
    date = f"{saved.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC" if saved else "date unknown"
    code = f"commit {commit(run)}" if commit(run) else "commit unknown"
    replaced = len(run.rows) - len(rows)
    counted = f"{len(rows):,} row{'s' * (len(rows) != 1)}"
    counted += f", {replaced:,} replaced by a newer run" if replaced else ""
    return f"{text(run.path.name)}: {', '.join(filter(None, (date, code, libraries(rows))))}; {counted}."


def warnings(collected: Collected) -> list[str]:
    """A sentence for each thing in which runs whose rows stand side by side differ, and for what is wrong with a run.

    That is uncommitted changes, values that are not of their type, and ids that come again.
    """
    used = [(i, run) for i, run in enumerate(collected.runs) if any(row.run == i for row in collected.rows)]
    said = [
        f"{text(run.path.name)} ran with uncommitted changes: its commit does not say what ran."
        for _, run in used
        if mapping(run.commit).get("dirty") is True
    ]
    said += [f"{text(run.path.name)}: {text(sentence, 300)}." for run in collected.runs for sentence in said_of(run)]
    commits = {text(mapping(run.commit).get("id")) or "unknown" for _, run in used}
    if len(commits) > 1:
        names = ", ".join(sorted(name[:10] for name in commits))
        said.append(f"These rows are pooled from runs of different commits ({names}): a difference may be the code's.")
    for library, those in versions(collected.rows).items():
        if len(those) > 1:
            said.append(f"These rows are pooled from runs of different versions of {library} ({', '.join(those)}).")
    return said
