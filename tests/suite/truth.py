"""The truth that rows are judged by: the oracle's run, computed once a session for all backends."""

from __future__ import annotations

from pathlib import Path

from model.accuracy import WINDOWS, judge
from model.accuracy.yardsticks import run_of
from model.backends import ORACLE
from model.kernels import KERNELS

FOLDER = Path(__file__).parents[1] / "accuracy" / "reference"
CELL_MILLISECONDS = 250_000  # what the oracle may take: about ten seconds of NumPy for the inferior olive


def window(cells):
    """The first milliseconds of a run that are judged: the most that the oracle does in time, at least one."""
    return max(w for w in WINDOWS if w * cells <= CELL_MILLISECONDS or w == min(WINDOWS))


class Truths:
    """The oracle's runs of the networks met in a session, and the verdicts by them."""

    def __init__(self, references):
        self._references = references
        self._runs = {}

    def judge(self, run, network, stimulus):
        """The `Verdict` on a run of a standard network from its start."""
        milliseconds = window(network.cells)
        key = (network.kernel, network.connected, network.cells)
        if key not in self._runs:
            applied = None if stimulus is None else stimulus[:milliseconds]
            self._runs[key] = run_of(ORACLE, network, milliseconds, applied)
        yardsticks = self._references.yardsticks(network.kernel, network.connected, milliseconds)
        return judge(run, self._runs[key], KERNELS[network.kernel], yardsticks)
