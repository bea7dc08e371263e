"""The verdicts on rows: by which truth, and by which yardsticks."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from model.arrays import Reals
from model.kernels import KERNELS
from model.network import Network
from neurochip_bench.accuracy import Verdict, judge
from neurochip_bench.accuracy.own import judge_by_own, may_help
from neurochip_bench.accuracy.reference import References
from neurochip_bench.accuracy.verdict import Yardsticks
from neurochip_bench.accuracy.yardsticks import yardsticks
from neurochip_bench.backends import ORACLE
from neurochip_bench.networks.undrawn import Undrawn
from neurochip_bench.run import Run
from neurochip_bench.suite.float64 import Float64Runs
from neurochip_bench.suite.judges import WHOLE, Judged
from neurochip_bench.suite.keeping import Kept, Truth, digest
from neurochip_bench.suite.own import OwnYardsticks
from neurochip_bench.suite.shards import ShardTruths

if TYPE_CHECKING:
    from neurochip_bench.backends import Backend

FOLDER = Path(__file__).parents[2] / "tests" / "accuracy" / "reference"


class Truths:
    """The truths of the networks met in a session, their yardsticks, and the verdicts by them."""

    def __init__(self, references: References, kept: Kept | None = None) -> None:
        kept = kept or Kept(None)
        self._references, self._runs, self._own = references, Float64Runs(kept), OwnYardsticks(kept)
        self._shards = ShardTruths(references)
        self._computed: dict[str, Yardsticks] = {}

    def judge(
        self,
        run: Run,
        network: Network,
        stimulus: Reals | None,
        backend: Backend | None = None,
        seconds: float = math.inf,
    ) -> Verdict:
        """The `Verdict` on a run of a standard network from its start, by the truth that covers most of it.

        backend, seconds   see `Judged`

        It is by the stored yardsticks of 64 cells, or by those that NumPy finds for the very network: where none are
        stored, and for delays as far as NumPy gets. What the stored ones find not right may be by the network's own.
        """
        if isinstance(network, Undrawn) and backend is not None:
            return self._shards.judge(run, network, stimulus, backend)
        judged = Judged(digest(network, WHOLE, stimulus), network, stimulus, backend, seconds)
        truth = self._runs.furthest(judged) if self._stored(network) else self._runs.oracle(judged)
        verdict = judge(run, truth.run, KERNELS[network.kernel], self._yardsticks(judged, truth), truth.by)
        if truth.by == ORACLE or not may_help(verdict):
            return verdict
        return judge_by_own(verdict, run, truth.run, self._own.of(judged, truth, verdict))

    def _stored(self, network: Network) -> bool:
        return self._references.has_yardsticks(network.kernel, network.connected)

    def _yardsticks(self, judged: Judged, truth: Truth) -> Yardsticks:
        network, milliseconds = judged.network, len(truth.run.spikes)
        if self._stored(network) and (network.delays is None or truth.by != ORACLE):
            return self._references.yardsticks(network.kernel, network.connected, milliseconds)
        return self._computed_yardsticks(judged, truth.run)

    def _computed_yardsticks(self, judged: Judged, truth: Run) -> Yardsticks:
        """F and D of the very network; NumPy takes six times the truth's time for them."""
        if judged.name not in self._computed:
            milliseconds = len(truth.spikes)
            found = yardsticks(judged.network, truth, judged.applied(milliseconds), [milliseconds])
            self._computed[judged.name] = found[str(milliseconds)]
        return self._computed[judged.name]
