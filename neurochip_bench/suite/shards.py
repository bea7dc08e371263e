"""Networks so large that each process draws its own share: rows of them, and the truth that they are judged by.

No single device has to hold the truth: it is a float64 run in the same shards. NumPy is too slow for such a network, so
that what it vouches for is the same program, in as many shards, on the largest network that it reaches.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

from model.arrays import Reals
from model.kernels import KERNELS
from model.network import Network, build, drive
from model.network.drawing import WHOLE, Drawing
from neurochip_bench.accuracy import Verdict, judge
from neurochip_bench.accuracy.reference import References
from neurochip_bench.accuracy.yardsticks import run_of
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.backends.sharded.remote import RemoteSharded, over
from neurochip_bench.networks.undrawn import Undrawn
from neurochip_bench.run import Run
from neurochip_bench.suite.judges import agree, window

if TYPE_CHECKING:
    from neurochip_bench.backends import Backend

REACHED = 9  # side of the network that NumPy vouches by, over all that a row is judged over
SEED, TOPOLOGY = 42, "paper"


def too_large(backend: Backend, cells: int) -> bool:
    """Whether a network is drawn share by share: over several devices, and of more cells than are drawn at once."""
    return backend.program.devices > 1 and cells > WHOLE


def undrawn(
    kernel: str,
    shape: tuple[int, int, int],
    connected: bool,
    delays: tuple[float, float] | None,
    milliseconds: int,
) -> tuple[Network, Reals | None, float]:
    """A standard network, not drawn yet, its stimulus, and the seconds that took."""
    start = time.perf_counter()
    network = Undrawn(Drawing(kernel, shape, connected, SEED, TOPOLOGY, False, delays, planes=True))
    return network, drive(network, milliseconds), time.perf_counter() - start


class ShardTruths:
    """Verdicts on large networks, by float64 runs in the shards of the row that is judged."""

    def __init__(self, references: References) -> None:
        self._references = references
        self._vouched: dict[tuple[str, bool, Backend], bool] = {}

    def judge(self, run: Run, network: Network, stimulus: Reals | None, backend: Backend) -> Verdict:
        """The `Verdict` on a run of a network from its start; unjudged where NumPy finds something else."""
        by = float64_of(backend)
        if not self._vouches(network.kernel, network.connected, by):
            return Verdict()
        milliseconds = len(run.spikes)
        truth = by.prepare(network).run(milliseconds, stimulus)
        yardsticks = self._references.yardsticks(network.kernel, network.connected, milliseconds)
        return judge(run, truth, KERNELS[network.kernel], yardsticks, by.id)

    def _vouches(self, kernel: str, connected: bool, by: Backend) -> bool:
        """Whether NumPy finds what a float64 program finds of a network that both reach, in as many shards."""
        key = kernel, connected, by
        if key not in self._vouched:
            network = build(kernel, REACHED, connected).rounded()
            milliseconds = window(network.cells)
            applied = drive(network, milliseconds)
            mine = by.prepare(network).run(milliseconds, applied)
            self._vouched[key] = agree(mine, run_of(ORACLE, network, milliseconds, applied))
        return self._vouched[key]


def float64_of(backend: Backend) -> Backend:
    """The float64 backend over the devices of another, on the same kind of device where it has float64."""
    program = cast("type[RemoteSharded]", backend.program)
    one = BACKENDS[f"jax-{backend.device}-f64" if f"jax-{backend.device}-f64" in BACKENDS else "jax-cpu-f64"]
    return over(one, program.devices, program.group)
