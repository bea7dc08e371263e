"""The truth that rows are judged by: the oracle's run, computed once a session for all backends."""

from __future__ import annotations

from pathlib import Path

from model.kernels import KERNELS
from neurochip_bench.accuracy import judge
from neurochip_bench.accuracy.yardsticks import WINDOWS, run_of, yardsticks
from neurochip_bench.backends import ORACLE

FOLDER = Path(__file__).parents[2] / "tests" / "accuracy" / "reference"
CELL_MILLISECONDS = 250_000  # what the oracle may take: about ten seconds of NumPy for the inferior olive


def window(cells):
    """The first milliseconds of a run that are judged: the most that the oracle does in time, at least one."""
    return max(w for w in WINDOWS if w * cells <= CELL_MILLISECONDS or w == min(WINDOWS))


class Truths:
    """The oracle's runs of the networks met in a session, and the verdicts by them."""

    def __init__(self, references):
        self._references = references
        self._runs, self._own = {}, {}

    def judge(self, run, network, stimulus):
        """The `Verdict` on a run of a standard network from its start.

        It is by the stored yardsticks of 64 cells; where there are none, and with delays, by those of the very network.
        """
        milliseconds = window(network.cells)
        key = (network.kernel, network.connected, network.cells, network.delays is not None)
        if key not in self._runs:
            applied = None if stimulus is None else stimulus[:milliseconds]
            self._runs[key] = run_of(ORACLE, network, milliseconds, applied)
        if network.delays is None and self._references.has_yardsticks(network.kernel, network.connected):
            own = self._references.yardsticks(network.kernel, network.connected, milliseconds)
        else:
            own = self._yardsticks(key, network, stimulus, milliseconds)
        return judge(run, self._runs[key], KERNELS[network.kernel], own)

    def _yardsticks(self, key, network, stimulus, milliseconds):
        """F and D of a network that has none stored; NumPy takes six times the truth's time for them."""
        if key not in self._own:
            applied = None if stimulus is None else stimulus[:milliseconds]
            self._own[key] = yardsticks(network, self._runs[key], applied, [milliseconds])[str(milliseconds)]
        return self._own[key]
