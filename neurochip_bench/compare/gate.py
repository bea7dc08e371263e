"""Does a change pass? What fails, in sentences, and the exit code."""

from __future__ import annotations

import math
import re
from statistics import median
from typing import Iterator, Sequence

from neurochip_bench.compare.accuracy import NOTHING
from neurochip_bench.compare.backends import Whole
from neurochip_bench.compare.comparison import Compared, Comparison
from neurochip_bench.compare.errors import CompareError
from neurochip_bench.compare.frame import owner
from neurochip_bench.compare.match import GONE, Pair
from neurochip_bench.compare.power import SEEN, Seen, seen
from neurochip_bench.compare.speed import SLOWER
from neurochip_bench.exits import Exit

NAMED = 6  # rows in a sentence


def threshold(text: str, option: str = "--fail-slower") -> float:
    """The log of the ratio that "10%" or "1.1" stands for; "10" without its sign is no ratio of ten."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(%?)", text.strip())
    ratio = (1 + float(found[1]) / 100 if found[2] else float(found[1])) if found else 0.0
    if not 1.0 <= ratio < math.inf:
        raise CompareError(f"{option} {text}: expected a percentage such as 10%, or a ratio such as 1.1")
    if ratio >= 2 and not text.strip().endswith("%"):
        raise CompareError(f"{option} {text}: a ratio is below 2, such as 1.1: write {text}% for a percentage")
    return math.log(ratio)


def failures(comparison: Comparison, slower: float | None = None) -> Iterator[str]:
    """A sentence for each row that must not be as it is; `slower` is the log of the least ratio that fails, or None.

    A slowdown fails where it is decided and all of its interval lies beyond the threshold: of two hundred rows of
    identical code, one or two are called slower, and none of them fails.
    """
    yield from vanished(comparison)
    for row in comparison.rows:
        if row.pair.thinned:
            yield thinned(row.pair)
        if row.regressed:
            yield worse(row)
        yield from slowed(row.pair.row.id, row, slower)
    for whole in comparison.wholes:
        yield from slowed(whole.name, whole, slower)


def thinned(pair: Pair) -> str:
    """The sentence for a row that fewer processes have than before."""
    before, now = (f"{row.share:.0%}" for row in pair.sides or ())
    return f"{pair.row.id} is in {now} of the new processes, was in {before}"


def worse(row: Compared) -> str:
    """The sentence for a row whose result regressed."""
    old, new = row.verdicts
    reason = f": {row.pair.row.reason}" if row.pair.row.reason else ""
    is_now = "has no verdict" if new == NOTHING else f"is {new}"
    return f"{row.pair.row.id} {is_now}, was {old or 'not there'}{reason}"


def vanished(comparison: Comparison) -> Iterator[str]:
    """A sentence for each row that is gone, one for all where a backend, or an experiment without, lost several."""
    lost: dict[str, list[Pair]] = {}
    for row in comparison.rows:
        if row.pair.kind == GONE:
            lost.setdefault(owner(row.pair), []).append(row.pair)
    for name, pairs in lost.items():
        like = next((f"; looks like {pair.like}, which is new" for pair in pairs if pair.like), "")
        several = f"{len(pairs)} rows of {name} vanished: " if len(pairs) > 1 else ""
        yield f"{several}{named(pairs)}{'' if several else ' vanished'}{like}"


def named(pairs: Sequence[Pair]) -> str:
    """The ids of some rows, the first of many."""
    names = [pair.row.id for pair in pairs]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def slowed(name: str, entry: Compared | Whole, slower: float | None) -> Iterator[str]:
    """A sentence if a row or a backend as a whole is slower beyond the threshold."""
    if slower is not None and entry.shift is not None and entry.word == SLOWER and entry.shift.low > slower:
        low, high = math.exp(entry.shift.low), math.exp(entry.shift.high)
        yield f"{name} takes {math.exp(entry.shift.log):.2f} times as long ({low:.2f} to {high:.2f})"


def refused(
    comparison: Comparison,
    slower: float | None = None,
    same_machine_only: bool = False,
    power: float | None = None,
) -> list[str]:
    """Why a gate on speed that was asked for cannot be kept, in sentences: it is never green for want of times.

    With `same_machine_only` another machine is no reason: results alone are judged then. `power` is the log of the
    slow-down of a backend that the gate has to be able to see, or None.
    """
    if slower is None or (comparison.refusal and same_machine_only):
        return []
    if comparison.refusal:
        return [
            f"--fail-slower: {comparison.refusal}: times do not compare; run both on one machine, divide them by a "
            "backend's with --normalise BACKEND, or judge results alone then with --same-machine-only"
        ]
    lost: dict[str, list[Pair]] = {}
    for row in comparison.rows:
        if row.lost and not row.regressed:
            lost.setdefault(row.word, []).append(row.pair)
    if lost:
        return [f"--fail-slower: times do not compare ({why}): {named(pairs)}" for why, pairs in lost.items()]
    timed = [row for row in comparison.rows if row.shift is not None]
    if timed and all(row.pair.blind for row in timed):
        return ["--fail-slower: others had the cores while every row was timed: run it again on a quiet machine"]
    if not timed:
        return ["--fail-slower: no row has times on both sides that compare"]
    return [] if power is None else blind(seen(comparison, slower), power)


def blind(found: Sequence[Seen], power: float) -> list[str]:
    """A sentence if a slow-down of some backend that had to be seen would not have been, or nothing."""
    names = [f"{one.name} ({from_which(one.least)})" for one in found if one.least > power]
    if not names:
        return []
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return [
        f"--require-power {math.exp(power):.3g}: too few processes or too much noise to see it of "
        f"{', '.join(names[:NAMED])}{more}; run --repeat 9 for each side on a quiet machine, or --interleave"
    ]


def from_which(least: float) -> str:
    """From which ratio on a slow-down is seen, in words."""
    return "none is seen" if math.isinf(least) else f"seen from {math.exp(least):.2f} on"


def powers(comparison: Comparison, slower: float | None = None) -> Iterator[str]:
    """What `--fail-slower` could have seen, and what it cannot with so few processes, where it was asked for."""
    found = [] if slower is None or comparison.refusal else seen(comparison, slower)
    if found:
        worst = max(found, key=lambda one: one.least)
        rows = sorted(least for one in found for least in one.rows)
        yield (
            f"--fail-slower would have seen, {SEEN:.0%} of the time, a backend that takes {times(worst.least)} as long"
            f"{f' (the hardest: {worst.name})' if len(found) > 1 else ''}, and a single row that takes "
            f"{times(median(rows))}{f' (from {times(rows[0])} to {times(rows[-1])})' if len(rows) > 1 else ''}."
        )
    yield from powerless(comparison, slower)


def times(log: float) -> str:
    """A ratio by its log, in words."""
    return "any number of times" if math.isinf(log) else f"{math.exp(log):.2f} times"


def powerless(comparison: Comparison, slower: float | None = None) -> Iterator[str]:
    """A sentence on what `--fail-slower` cannot find with so few processes, or none."""
    least = None if slower is None or comparison.enough else comparison.least(slower)
    if least is not None:
        counts = sorted({len(comparison.base.runs), len(comparison.new.runs)})
        a_side = "one process" if counts == [1] else f"{' and '.join(map(str, counts))} processes"
        yield (
            f"--fail-slower: with {a_side} a side nothing below {math.exp(least):.2f} times can fail; "
            "use --repeat 9 or --interleave."
        )


def exit_code(found: Sequence[str], refusals: Sequence[str]) -> Exit:
    """The exit code for the sentences of `failures` and `refused`: a regression outweighs a refusal."""
    return Exit.FAILED if found else Exit.USAGE if refusals else Exit.OK
