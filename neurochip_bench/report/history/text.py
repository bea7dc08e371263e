"""A history in words: which runs, where which row stepped, and where a result became another."""

from __future__ import annotations

from typing import Iterator, NamedTuple, Sequence

from neurochip_bench.report.history.series import History, Series
from neurochip_bench.report.history.steps import LEAST, Step
from neurochip_bench.report.origin import libraries
from neurochip_bench.report.row import Row
from neurochip_bench.report.values import text


class Turn(NamedTuple):
    """A run in which a row's result got another word."""

    series: Series
    before: Row
    at: Row


def lead(history: History) -> str:
    """What the history is of."""
    runs, machines, rows = len(history.runs), len(history.machines), len(history.series)
    when = f"{history.date(0)[:10]} to {history.date(runs - 1)[:10]}"
    return (
        f"{runs} run{'s' * (runs != 1)} of {machines} machine{'s' * (machines != 1)}, {when}: "
        f"{rows} row{'s' * (rows != 1)} with a time."
    )


def said(history: History, found: Sequence[Step]) -> Iterator[str]:
    """The history in lines."""
    yield lead(history)
    yield from (f"machine {machine.title}" for machine in history.machines if machine.label)
    for (run, backend), group in grouped(found).items():
        yield f"{at_run(history, run, group[0])}: {backend}, rows: {len(group)}"
        yield from (f"  {step_in_words(step)}" for step in group)
    if not found:
        yield f"No row stepped. A step has {LEAST} right runs on either side at least, and smaller ones need more."
    turns = list(turned(history))
    if turns:
        yield "Results that became another:"
        yield from (f"  {turn_in_words(history, turn)}" for turn in turns)


def grouped(found: Sequence[Step]) -> dict[tuple[int, str], list[Step]]:
    """Steps by their run and backend: what steps together has one cause."""
    groups: dict[tuple[int, str], list[Step]] = {}
    for step in found:
        groups.setdefault((step.at.run, step.series.last.series), []).append(step)
    return groups


def at_run(history: History, run: int, step: Step) -> str:
    """From which run on: its date, its commit and the one before, and the library where its version changed."""
    before, now = (history.code(point.run) for point in (step.before, step.at))
    versions = [libraries([point.row]) for point in (step.before, step.at)]
    library = [f"{versions[0]} → {versions[1]}"] if versions[0] != versions[1] else []
    return ", ".join([history.date(run), f"{now} (before: {before.removeprefix('commit ')})", *library])


def step_in_words(step: Step) -> str:
    """How far a row stepped."""
    ratio, low, high = step.ratio
    return f"{step.compared.word}, {ratio:.2f} times as long ({low:.2f} to {high:.2f}): {step.series.last.name}"


def turned(history: History) -> Iterator[Turn]:
    """Each change of a result's word, by series."""
    for series in history.series:
        rows = [point.row for point in series.points]
        yield from (Turn(series, one, two) for one, two in zip(rows, rows[1:]) if one.saved.word != two.saved.word)


def turn_in_words(history: History, turn: Turn) -> str:
    """When a result became another."""
    words = " → ".join(row.saved.word or "–" for row in (turn.before, turn.at))
    why = f" ({text(turn.at.reason)})" if turn.at.reason else ""
    return f"{history.date(turn.at.run)}, {history.code(turn.at.run)}: {words}{why}: {turn.at.name}"
