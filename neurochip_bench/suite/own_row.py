"""A row of a network of one's own: as any other, but judged by yardsticks of that very network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_benchmark.fixture import BenchmarkFixture

from model.arrays import Reals
from model.network import Network
from neurochip_bench.accuracy import Verdict
from neurochip_bench.keep.own import of_own
from neurochip_bench.networks.own import Own
from neurochip_bench.run import Run
from neurochip_bench.suite.own_truth import OwnTruths
from neurochip_bench.suite.row import Row

if TYPE_CHECKING:
    from neurochip_bench.backends import Backend


class OwnRow(Row):
    """A network of one's own on a backend; the record says which, and by whom it was judged."""

    def __init__(
        self,
        benchmark: BenchmarkFixture,
        backend: Backend,
        own: Own,
        coupling: str | None,
        truths: OwnTruths,
        outputs: Path | None = None,
    ) -> None:
        self.own, self.truths, self.milliseconds = own, truths, own.milliseconds
        network = own.network
        super().__init__(
            benchmark, backend, network.kernel, 0, network.connected, coupling, self.by_its_own, outputs
        )  # 0: it has no side
        self.note(**of_own(own))
        benchmark.group = f"{benchmark.name.split('[')[0]} {own.name}"

    def made(self, kernel: str, side: int, connected: bool) -> tuple[Network, Reals | None, float]:
        """The network as it was read."""
        return self.own.network, self.own.stimulus, self.own.seconds

    def by_its_own(self, run: Run, *_: object) -> Verdict:
        """The `Verdict` on a run of the network from its start."""
        verdict, floor_by = self.truths.judge(run, self.own, self.backend)
        self.note(floor_by=floor_by)
        return verdict
