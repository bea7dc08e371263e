"""A comparison in words, for the terminal and for Markdown alike."""

from __future__ import annotations

import math
from collections import Counter
from statistics import median
from typing import Iterator, Mapping, Sequence

from neurochip_bench.compare.backends import Whole
from neurochip_bench.compare.comparison import Compared, Comparison
from neurochip_bench.compare.frame import REFERENCE, owner
from neurochip_bench.compare.match import BOTH, GONE, NEW, RENAMED, Pair
from neurochip_bench.compare.outputs import Apart
from neurochip_bench.compare.side import Side, SideRow
from neurochip_bench.compare.speed import FASTER, LEAST, SAME, SLOWER, UNDECIDED, UNLIKE, Shift
from neurochip_bench.keep import distance
from neurochip_bench.keep.ignored import said_of

HEAD = ("row", "result", "base ms", "new ms", *distance.HEADS, "new / base", "time")
WHOLES = ("backend", "experiment", "rows", "new / base", "time")
OUTPUT = "final state"
MOST = 12  # lines of one kind of change


def clean(value: object) -> str:
    """Text of a saved run without what could steer a terminal."""
    return "".join(c if c.isprintable() else "?" for c in str(value))


def in_a_line(side: Side) -> str:
    """A side in a line: its files, when it ran, at which commit, where."""
    runs = side.runs
    name = str(runs[0].path) if len(runs) == 1 else f"{len(runs)} processes in {runs[0].path.parent}"
    commits = {f"{str(run.commit.get('id'))[:7]}{' + changes' if run.commit.get('dirty') else ''}" for run in runs}
    when = str(runs[0].datetime)[:16].replace("T", " ")
    return clean(f"{name}, {when}, commit {', '.join(sorted(commits))}, {side.processor}")


def whole_cells(whole: Whole) -> tuple[str, ...]:
    """A backend's cells under `WHOLES`."""
    return tuple(map(clean, (whole.backend, whole.experiment, whole.rows, ratio(whole.shift), whole.word)))


def milliseconds(pair: Pair, row: SideRow | None) -> str:
    """The median of the processes of one of a pair's sides, or nothing."""
    times = pair.times(row)
    return f"{1e3 * median(times):.3g}" if times else ""


def word(row: Compared) -> str:
    """What is said of a row's time, and whether it was its CPU time."""
    return f"{row.word}, by CPU time" if row.shift is not None and row.pair.by_cpu_time else row.word


def ratio(found: Shift | None) -> str:
    """A `Shift` as a ratio with its interval, or nothing."""
    if found is None:
        return ""
    middle, low, high = (math.exp(value) for value in (found.log, found.low, found.high))
    return f"{middle:.2f} ({low:.2f}–{high:.2f})"


def result(row: Compared) -> str:
    """The verdict, before and now where it is another."""
    old, new = row.verdicts
    return f"{old} → {new}" if old and new and old != new else new or old or ""


def state_cell(row: Compared, apart: Mapping[str, Apart]) -> str:
    """A row's cell under `OUTPUT`."""
    return clean(apart.get(row.pair.row.id, ""))


def cells(row: Compared, away: Mapping[str, tuple[str, str]]) -> tuple[str, ...]:
    """A row's cells under `HEAD`, with the distances of the new side's rows."""
    pair = row.pair
    renamed = f" (renamed, was {pair.base.id})" if pair.kind == RENAMED and pair.base else ""
    name = pair.row.name + renamed
    known = away.get(pair.new.id, ("", "")) if pair.new else ("", "")
    times = (*(milliseconds(pair, side) for side in (pair.base, pair.new)), *known, ratio(row.shift))
    return tuple(map(clean, (name, result(row), *times, word(row))))


def tally(comparison: Comparison) -> str:
    """How many rows there are of each kind, and what became of their times."""
    kinds = Counter(row.pair.kind for row in comparison.rows)
    times = Counter(row.word for row in comparison.rows if row.shift is not None)
    both = kinds[BOTH] + kinds[RENAMED]
    parts = [f"{kinds[kind]} {kind}" for kind in (RENAMED, NEW, GONE) if kinds[kind]]
    judged = [f"{times[word]} {word}" for word in (SLOWER, FASTER, SAME, UNDECIDED, REFERENCE) if times[word]]
    return (
        f"rows: {both} in both"
        + "".join(f", {part}" for part in parts)
        + f"; times: {', '.join(judged) or 'none compared'}"
    )


def grouped(rows: Sequence[Compared]) -> list[str]:
    """A line for the rows of each backend that came and are right, and one for those that are gone."""
    found = Counter((row.pair.kind, owner(row.pair)) for row in rows)
    return [clean(f"{kind}: {name}, rows: {n}") for (kind, name), n in found.most_common()]


def changed(comparison: Comparison) -> list[str]:
    """A line for each change of how rows were run, with the number of rows, most first."""
    found = Counter((row.pair.row.record.library, *change) for row in comparison.rows for change in row.changes)
    lines = [f"{library} {what} {old} → {new}, rows: {n}" for (library, what, old, new), n in found.most_common()]
    more = [f"and {len(lines) - MOST} more changes"] if len(lines) > MOST else []
    return [clean(line) for line in lines[:MOST] + more]


def remarks(comparison: Comparison) -> Iterator[str]:
    """What to bear in mind of the times: why none compare, how the machine drifted, how to decide what is not."""
    if comparison.refusal:
        yield f"Times are not compared: {comparison.refusal}."
        return
    yield from granted(comparison)
    yield from contended(comparison)
    if comparison.frame.reference:
        yield f"Times are divided by those of {comparison.frame.reference}: compared is how rows stand beside it."
    if not comparison.enough:
        least = comparison.least()
        if least is not None:
            yield (
                f"So few processes a side decide nothing below a ratio of {math.exp(least):.2f} here: "
                "run --repeat 9 for each side, or --interleave."
            )
    elif comparison.frame.alternated:
        yield "The sides took turns: a drift of the machine met both."
    else:
        yield from drifted(comparison)


def other_networks(comparison: Comparison) -> list[str]:
    """A sentence for each name of a network that is another on both sides, such as of a file that was changed."""
    found: Counter[tuple[str | None, ...]] = Counter()
    for row in comparison.rows:
        if row.pair.other_network:
            found[(row.pair.row.record.network, *row.pair.other_network)] += 1
    return [
        clean(f"{name} is another network (digest {old} → {new}): neither time nor result is compared, rows: {n}")
        for (name, old, new), n in found.items()
    ]


def granted(comparison: Comparison) -> Iterator[str]:
    """That the sides had another number of threads each, of one machine, if they had."""
    old, new = (side.processor.threads for side in (comparison.base, comparison.new))
    if old and new and old != new:
        yield f"{old} and {new} threads granted: times may differ by that alone."


def contended(comparison: Comparison) -> Iterator[str]:
    """How many rows are compared by CPU time, or decide nothing alone, since others had the cores, if any."""
    met = "Others had the cores in all processes of a side, rows"
    timed = [row.pair for row in comparison.rows if row.shift is not None]
    if count := sum(pair.by_cpu_time for pair in timed):
        yield f"{met}: {count}; compared is the CPU time of their best rounds, which others cost least."
    if count := sum(pair.blind for pair in timed):
        yield f"{met}: {count}; such times decide nothing alone."


def ignored(comparison: Comparison) -> Iterator[str]:
    """A line for each kind of thing that a file holds and that was not read."""
    for run in (*comparison.base.runs, *comparison.new.runs):
        for sentence in said_of(run):
            yield clean(f"{run.path}: {sentence}")


def drifted(comparison: Comparison) -> Iterator[str]:
    """How far the machine drifted between two sides that ran one after the other."""
    if comparison.frame.strayed > UNLIKE:
        yield (
            f"Times stray {comparison.frame.strayed:.1f} times as far on one side as on the other: the machine was "
            "busier then, and nothing is decided. Repeat it, or --interleave."
        )
    known = [value for value in comparison.frame.drift.values() if value is not None]
    if not known:
        yield "One library alone cannot tell a drift of the machine: below a ratio of 1.5 only --interleave decides."
    elif abs(median(known)) > LEAST:
        yield (
            f"All libraries moved by about {math.exp(median(known)):.2f}: the machine, or what they share; a row is "
            "called slower or faster beside the others. --interleave tells which."
        )


def outputs(apart: Mapping[str, Apart]) -> Iterator[str]:
    """A line on the final states, where any were kept."""
    if apart:
        same = sum(1 for found in apart.values() if found.share == 0.0)
        again = sum(1 for found in apart.values() if found.repeats is False)
        more = f"; {again} rows do not repeat themselves on one side" if again else ""
        yield f"final states: {same} of {len(apart)} rows have the same bits on both sides{more}"
