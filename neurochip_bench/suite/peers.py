"""Rows of peers: the same networks, handed to the field's own simulators, judged by the same truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Iterable, cast

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from model.arrays import Reals
from model.kernels import DT, KERNELS
from model.network import Network, connectivity
from neurochip_bench.accuracy import UNDEFINED, Verdict, judge
from neurochip_bench.accuracy.measures import measure
from neurochip_bench.accuracy.yardsticks import run_of
from neurochip_bench.backends import ORACLE
from neurochip_bench.peers import PEERS
from neurochip_bench.run import Run
from neurochip_bench.suite import rows
from neurochip_bench.suite.judges import window
from neurochip_bench.suite.row import Judge, Row

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet as Param  # what `pytest.param` gives, which has no public name

    from neurochip_bench.backends import Backend
    from neurochip_bench.peers.program import PeerProgram

TO_FIRST_ORDER = 2  # a scheme of first order is twice as far from its limit as from itself with half the step
MARGIN = 2  # for what is not of first order, in the flank of a spike above all


class PeerRow(Row):
    """A row of a peer; one that does not take our step is judged as what it is."""

    def __init__(
        self,
        benchmark: BenchmarkFixture,
        backend: Backend,
        kernel: str,
        side: int,
        connected: bool,
        coupling: str | None,
        judged: Judge,
        outputs: Path | None = None,
    ) -> None:
        if not program_of(backend).same_step:
            judged = judge_scheme
        super().__init__(benchmark, backend, kernel, side, connected, coupling, judged, outputs)

    def refusal(self) -> str | None:
        """None, or what the peer cannot express of this network."""
        return super().refusal() or program_of(self.backend).cannot(self.network)

    def judge(self, run: Run) -> None:
        """As of any row; but that the oracle alone is not finite is the oracle's fault, and a peer says so."""
        super().judge(run)
        finite = bool(np.isfinite(run.trace).all())
        assert not (self.record.verdict == UNDEFINED and finite), f"{self.backend.id} is finite, and the oracle is not"


class PeerRows(rows.Rows):
    """Every peer on every network; what one cannot run is there once, to be skipped with its reason."""

    def params(self, option: rows.Asked) -> Iterable[Param]:
        """A `pytest.param` of `rows.ARGUMENTS` for each row."""
        sides = rows.parse_sides(option.side, self.quick if option.quick else self.sides)
        return [
            row(kernel, connected, peer, side)
            for kernel in KERNELS
            for connected in self.connected
            for side in sides
            for peer in PEERS.values()
            if side == min(sides) or runs(peer, kernel, connected)
        ]


def row(kernel: str, connected: bool, peer: Backend, side: int) -> Param:
    """The parameters of one row."""
    name = f"{kernel}-{connectivity(connected)}-{peer.id}-n={side**3}"
    timer = pytest.mark.benchmark(timer=peer.program.clock)
    return pytest.param(
        kernel, connected, peer.id, side, None, 1, id=name, marks=[*rows.marks_of(kernel, connected, peer.mark), timer]
    )


def program_of(peer: Backend) -> type[PeerProgram]:
    """A peer's program, typed as what it is."""
    return cast("type[PeerProgram]", peer.program)


def runs(peer: Backend, kernel: str, connected: bool) -> bool:
    """Whether a peer runs a kind of network."""
    program = program_of(peer)
    return kernel in program.models and (kernel, connected) not in program.lacks


def judge_scheme(run: Run, network: Network, stimulus: Reals | None, peer: Backend, seconds: float) -> Verdict:
    """The `Verdict` on a run by another scheme than forward Euler.

    As the step falls both schemes meet in the solution. At this step each is about twice as far from it as from itself
    with half the step: D of the oracle and D of the peer, both of this very network. Twice their sum, and a margin of
    two, is what `usable` allows; nothing is `faithful` but by chance, since rounding has no part in it. How many
    `seconds` the rounds took does not matter: it is judged over what NumPy reaches.
    """
    milliseconds = window(network.cells)  # what NumPy reaches: a peer's own D takes twice the row's time besides
    applied = None if stimulus is None else stimulus[:milliseconds]
    kernel, truth = KERNELS[network.kernel], run_of(ORACLE, network, milliseconds, applied)
    D = measure(run_of(ORACLE, network, milliseconds, applied, DT / 2), truth, kernel)
    own = measure(peer.prepare(network, dt=DT / 2).run(milliseconds, applied), run.head(milliseconds), kernel)
    # `usable` is half of what stands in the place of D
    allowed = {name: 2 * MARGIN * TO_FIRST_ORDER * (D[name] + own[name]) for name in D}
    return judge(run, truth, kernel, {"floor": dict.fromkeys(D, 0.0), "step_error": allowed})
