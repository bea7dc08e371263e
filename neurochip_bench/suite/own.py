"""The very network's yardsticks of a session, computed where a verdict asks for them, once for all rows."""

from __future__ import annotations

from typing import Iterator

import numpy as np

from model.kernels import DT, KERNELS
from neurochip_bench.accuracy import Verdict
from neurochip_bench.accuracy.own import CountErrors, Own, StepErrors, count_errors, step_errors
from neurochip_bench.accuracy.yardsticks import moved, run_of
from neurochip_bench.backends import BACKENDS
from neurochip_bench.run import Run
from neurochip_bench.suite.judges import Judged, float32_beside
from neurochip_bench.suite.keeping import Arrays, Kept, Truth


class OwnYardsticks:
    """The networks' own yardsticks, which are also kept for later sessions."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._found: dict[str, Own] = {}

    def of(self, judged: Judged, truth: Truth, verdict: Verdict) -> Own:
        """The yardsticks of the network that is judged, over the window of its truth."""
        if KERNELS[judged.network.kernel].map_dt is None:
            return self._step_errors(f"{judged.name}-{verdict.milliseconds}-half", judged, truth)
        backend, limit = float32_beside(truth.by, judged.backend), verdict.limit("spikes_per_cell")
        return self._count_errors(f"{judged.name}-{verdict.milliseconds}-{backend}-{limit}", judged, truth, limit)

    def _step_errors(self, key: str, judged: Judged, truth: Truth) -> Own:
        def compute() -> Arrays:
            milliseconds = len(truth.run.spikes)
            halved = run_of(truth.by, judged.network, milliseconds, judged.applied(milliseconds), DT / 2)
            return step_errors(halved, truth.run)._asdict()

        if key not in self._found:
            self._found[key] = StepErrors(**self._kept.get(key, compute))
        return self._found[key]

    def _count_errors(self, key: str, judged: Judged, truth: Truth, limit: float) -> Own:
        def compute() -> Arrays:
            found = count_errors(rounded_runs(judged, truth), truth.run, limit)
            return {name: np.array(value) for name, value in found._asdict().items()}

        if key not in self._found:
            kept = self._kept.get(key, compute)
            self._found[key] = CountErrors(float(kept["worst"]), int(kept["beyond"]))
        return self._found[key]


def rounded_runs(judged: Judged, truth: Truth) -> Iterator[Run]:
    """Float32 runs from the network's start and from those a rounding error away, see `moved`."""
    program = BACKENDS[float32_beside(truth.by, judged.backend)].prepare(judged.network)
    milliseconds = len(truth.run.spikes)
    for network in moved(judged.network):
        program.reset(network)
        yield program.run(milliseconds, judged.applied(milliseconds))
