"""A peer that runs each piece of a run in a process of its own: state in, state and results out, timed inside."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

import numpy as np

from model.arrays import Array, Codes, Floats, Reals
from neurochip_bench.peers.program import PeerProgram


class Spiked(NamedTuple):
    """Every spike of a run: the cell (S,) and the number of the step (S,), from 0."""

    cells: Array
    steps: Array


class Piece(NamedTuple):
    """What a peer's process gives back of a piece of a run.

    rows     (R, N) what is carried on: the state and, below it, what the peer needs besides
    trace    (milliseconds, N) of the potential at the end of each
    seconds  from the first step until the results were read back
    """

    rows: Floats
    trace: Floats
    spiked: Spiked
    seconds: float


class ProcessProgram(PeerProgram):
    """A network that a program of the peer's runs."""

    @abstractmethod
    def _start_rows(self) -> Floats:
        """Rows at the start, see `Piece`."""

    @abstractmethod
    def _run_piece(self, rows: Floats, milliseconds: int, stimulus: Reals | None) -> Piece:
        """Run a process from some rows."""

    def _load(self) -> None:
        self._rows = self._start_rows()

    def _advance(self, milliseconds: int, stimulus: Reals | None) -> tuple[Reals, Codes]:
        piece = self._run_piece(self._rows, milliseconds, stimulus)
        self._rows = piece.rows
        type(self)._spent += piece.seconds
        return piece.trace, codes_of(piece.spiked, (milliseconds, self.network.cells), self.settings.steps_per_ms)

    def _state(self) -> Reals:
        return self._rows[: len(self.network.state)]


def codes_of(spiked: Spiked, shape: tuple[int, int], steps_per_ms: int) -> Codes:
    """Codes (milliseconds, N) of spikes, see `count_spikes`."""
    codes, first = np.zeros(shape, np.int32), np.full(shape, steps_per_ms, np.int32)
    milliseconds, steps = np.divmod(spiked.steps, steps_per_ms)
    np.add.at(codes, (milliseconds, spiked.cells), steps_per_ms)
    np.minimum.at(first, (milliseconds, spiked.cells), steps.astype(np.int32))
    return codes + np.where(codes > 0, first, 0)
