"""The truth that rows are judged by: the oracle's run, computed once a session for all backends."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from model.arrays import Reals
from model.kernels import KERNELS
from model.network import Network
from neurochip_bench.accuracy import Verdict, judge
from neurochip_bench.accuracy.reference import References
from neurochip_bench.accuracy.verdict import Yardsticks
from neurochip_bench.accuracy.yardsticks import WINDOWS, run_of, yardsticks
from neurochip_bench.backends import ORACLE
from neurochip_bench.run import Run

FOLDER = Path(__file__).parents[2] / "tests" / "accuracy" / "reference"
CELL_MILLISECONDS = 250_000  # what the oracle may take: about ten seconds of NumPy for the inferior olive


class Kind(NamedTuple):
    """What tells the standard networks of a session apart."""

    kernel: str
    connected: bool
    cells: int
    delayed: bool


def window(cells: int) -> int:
    """The first milliseconds of a run that are judged: the most that the oracle does in time, at least one."""
    return max(w for w in WINDOWS if w * cells <= CELL_MILLISECONDS or w == min(WINDOWS))


class Truths:
    """The oracle's runs of the networks met in a session, and the verdicts by them."""

    def __init__(self, references: References) -> None:
        self._references = references
        self._runs: dict[Kind, Run] = {}
        self._own: dict[Kind, Yardsticks] = {}

    def judge(self, run: Run, network: Network, stimulus: Reals | None) -> Verdict:
        """The `Verdict` on a run of a standard network from its start.

        It is by the stored yardsticks of 64 cells; where there are none, and with delays, by those of the very network.
        """
        milliseconds = window(network.cells)
        kind = Kind(network.kernel, network.connected, network.cells, network.delays is not None)
        applied = None if stimulus is None else stimulus[:milliseconds]
        if kind not in self._runs:
            self._runs[kind] = run_of(ORACLE, network, milliseconds, applied)
        if network.delays is None and self._references.has_yardsticks(network.kernel, network.connected):
            own = self._references.yardsticks(network.kernel, network.connected, milliseconds)
        else:
            own = self._yardsticks(kind, network, applied, milliseconds)
        return judge(run, self._runs[kind], KERNELS[network.kernel], own)

    def _yardsticks(self, kind: Kind, network: Network, applied: Reals | None, milliseconds: int) -> Yardsticks:
        """F and D of a network that has none stored; NumPy takes six times the truth's time for them."""
        if kind not in self._own:
            self._own[kind] = yardsticks(network, self._runs[kind], applied, [milliseconds])[str(milliseconds)]
        return self._own[kind]
