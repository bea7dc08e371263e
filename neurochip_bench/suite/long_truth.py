"""The float64 runs that long rows are judged by, computed once and kept by what they depend on."""

from __future__ import annotations

from model.arrays import Reals
from model.network import Network
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.run import Run
from neurochip_bench.suite.judges import agree, judges
from neurochip_bench.suite.keeping import Kept, Truth, digest, packed, unpacked
from neurochip_bench.suite.long import estimate, in_pieces
from neurochip_bench.suite.progress import Progress

AGREED_MS = 1000  # over which a judge has to agree with NumPy, which takes minutes for all


class LongTruths:
    """Runs of a float64 backend that agreed with NumPy over the first second, or of NumPy where none does."""

    def __init__(self, kept: Kept, progress: Progress) -> None:
        self._kept, self._progress = kept, progress
        self._truths: dict[str, Truth] = {}

    def of(self, network: Network, milliseconds: int, stimulus: Reals | None = None) -> Truth:
        """The truth of a network from its start."""
        key = f"{digest(network, milliseconds, stimulus)}-long"
        if key not in self._truths:
            kept = self._kept.get(key, lambda: packed(self._computed(network, milliseconds, stimulus)))
            self._truths[key] = unpacked(kept, network)
        return self._truths[key]

    def _computed(self, network: Network, milliseconds: int, stimulus: Reals | None) -> Truth:
        by = self._judge(network, stimulus)
        return Truth(self._run(by, network, milliseconds, stimulus), by)

    def _judge(self, network: Network, stimulus: Reals | None) -> str:
        """Id of the backend to run: the first whose first second is NumPy's, else NumPy's own."""
        present = judges(None)
        if not present:
            return ORACLE
        truth = self._run(ORACLE, network, AGREED_MS, None if stimulus is None else stimulus[:AGREED_MS])
        for name in present:
            run = BACKENDS[name].prepare(network).run(AGREED_MS, None if stimulus is None else stimulus[:AGREED_MS])
            if agree(run, truth):
                return name
        return ORACLE

    def _run(self, backend: str, network: Network, milliseconds: int, stimulus: Reals | None) -> Run:
        program = BACKENDS[backend].prepare(network)
        seconds = estimate(program, milliseconds)
        program.reset()
        with self._progress(f"truth by {backend}", milliseconds, seconds) as listener:
            return in_pieces(program, milliseconds, stimulus, listener)
