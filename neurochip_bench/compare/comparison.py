"""Two sides compared: what became of each row, of its result and of its time."""

from __future__ import annotations

from dataclasses import dataclass

from neurochip_bench.compare import speed
from neurochip_bench.compare.accuracy import WRONG, regressed
from neurochip_bench.compare.backends import Whole, wholes
from neurochip_bench.compare.changes import NOT_TIMED, Change, changes, counts, not_compared, other_work
from neurochip_bench.compare.errors import CompareError
from neurochip_bench.compare.frame import Frame, Timed, alpha_of, backend, frame, library, other_machine
from neurochip_bench.compare.match import BOTH, GONE, NEW, Pair, match
from neurochip_bench.compare.rank_test import critical
from neurochip_bench.compare.side import Side, SideRow

OTHER_NETWORK = "another network"


@dataclass(frozen=True)
class Compared:
    """A row compared.

    changes    what is not the same of how it was run
    regressed  whether its result got worse than right
    shift      the `Shift` of its time, None where times do not compare
    word       faster, slower, same or undecided, or why times do not compare
    """

    pair: Pair
    changes: list[Change]
    regressed: bool
    shift: speed.Shift | None
    word: str

    @property
    def verdicts(self) -> tuple[str | None, str | None]:
        """The words of its results, before and now; None where there was no row of this network."""
        return _before(self.pair), _word(self.pair.new)

    @property
    def lost(self) -> bool:
        """Whether it had a time that says something and now has none that compares."""
        if self.pair.sides is None or self.shift is not None:
            return False
        base, _ = self.pair.sides
        return bool(base.seconds) and base.word not in WRONG and counts(base)

    @property
    def matters(self) -> bool:
        """Whether there is something to tell of it."""
        old, new = self.verdicts
        moved = self.word in (speed.FASTER, speed.SLOWER)
        moved = moved or (self.pair.sides is not None and other_work(*self.pair.sides) is not None)
        moved = moved or (self.lost and self.word == NOT_TIMED)
        moved = moved or self.pair.other_network is not None
        return moved or self.pair.kind != BOTH or old != new or new in WRONG or self.pair.thinned


@dataclass(frozen=True)
class Comparison:
    """Two sides compared: rows, backends as a whole, and what times were held against.

    refusal  None, or why no times are compared at all
    """

    base: Side
    new: Side
    rows: list[Compared]
    wholes: list[Whole]
    frame: Frame
    refusal: str | None

    @property
    def enough(self) -> bool:
        """Whether both sides have processes enough for a rank test."""
        return critical(len(self.base.runs), len(self.new.runs), alpha_of(self.base, self.new)) >= 0

    def least(self, beyond: float = 0.0) -> float | None:
        """The log of NEW / BASE below which nothing here is called slower with all of its interval above `beyond`.

        None where no times compare.
        """
        libraries = {backend(row.pair): library(row.pair) for row in self.rows if row.shift is not None}
        entries = [(row.shift, backend(row.pair)) for row in self.rows if row.shift is not None]
        entries += [(whole.shift, whole.backend) for whole in self.wholes]
        found = (speed.least(shift, beyond, self.frame.drift_of(libraries[name])) for shift, name in entries)
        return min(found, default=None)


def compare(base: Side, new: Side, reference: str | None = None, alpha: float | None = None) -> Comparison:
    """Compare two sides; `reference` names a backend by whose times all others are divided.

    alpha   how often at most a row of identical code is called faster or slower; None for that of two sides

    Raises CompareError where no row is on both sides, and where the reference has no times on both.
    """
    pairs = match(base, new)
    if all(pair.kind in (GONE, NEW) for pair in pairs):
        like = next((f"; {pair.row.id} looks like {pair.like}" for pair in pairs if pair.like), "")
        raise CompareError(
            f"no row is in both: {len(base.rows)} rows and {len(new.rows)} others, "
            f"expected two runs of the same benchmarks{like}"
        )
    refusal = None if reference else other_machine(base, new)
    reasons = [why_not(pair, refusal) for pair in pairs]
    alpha = alpha_of(base, new) if alpha is None else alpha
    noise = speed.noise([pair.logs for pair, reason in zip(pairs, reasons) if reason is None and pair.tells_noise])
    shifts = [None if reason else shift_of(pair, alpha, noise) for pair, reason in zip(pairs, reasons)]
    timed = [Timed(pair, shift) for pair, shift in zip(pairs, shifts) if shift is not None]
    held = frame(base, new, timed, reference)
    rows = [compared(pair, shift, why, held) for pair, shift, why in zip(pairs, shifts, reasons)]
    return Comparison(base, new, rows, wholes(timed, held, alpha, noise), held, refusal)


def compared(pair: Pair, shift: speed.Shift | None, reason: str | None, held: Frame) -> Compared:
    """A pair `Compared`, by its `Shift` or why it has none."""
    worse = pair.new is not None and regressed(_before(pair), pair.new.word)
    if shift is None:
        return Compared(pair, changes(pair), worse, None, reason or "")
    shift = shift.beside(held.level)
    return Compared(pair, changes(pair), worse, shift, held.word_of(shift, [pair]))


def shift_of(pair: Pair, alpha: float, noise: float) -> speed.Shift:
    """The `Shift` of a pair's times; `noise` is a process's on that day, see `speed.noise`."""
    return speed.shift(pair.logs, alpha, max(noise, *(row.spread for row in pair.sides or ())))


def why_not(pair: Pair, refusal: str | None) -> str | None:
    """None if a pair's times compare, or why they do not."""
    if pair.sides is None:
        return pair.kind
    if pair.other_network:
        return OTHER_NETWORK
    if any(row.word in WRONG for row in pair.sides):
        return "not right: no times"
    return not_compared(*pair.sides) or (refusal and "another machine")


def _before(pair: Pair) -> str | None:
    """The word before; that of another network says nothing of this one."""
    return None if pair.other_network else _word(pair.base)


def _word(row: SideRow | None) -> str | None:
    return row.word if row else None
