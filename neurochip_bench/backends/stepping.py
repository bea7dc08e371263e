"""A step and the spikes that are counted in it: the one place where kernel, coupling and accumulation meet."""

from __future__ import annotations

from typing import List, Mapping, NamedTuple, Sequence, Tuple

from model.arrays import Array, Floats
from model.coupling import Couple, at_rest
from model.kernels import Kernel
from model.kernels.accumulation import advance, start_rows
from model.network import Network
from model.operations import Operations
from neurochip_bench.run import count_spikes
from neurochip_bench.settings import Settings


class Held(NamedTuple):
    """What stays as it is over the steps of a millisecond.

    parameters  name to a number or (N,)
    graph       arrays of the coupling's formulation
    stimulus    (N,) or a number
    """

    parameters: Mapping[str, Array]
    graph: Sequence[Array]
    stimulus: Array


class Stepping:
    """What steps a network: programs, and what is exported.

    slots   of the ring buffer for spikes under way; 0 without delays
    """

    kernel: Kernel
    settings: Settings
    slots: int

    def rows(self, network: Network) -> Floats:
        """Rows (R, N) at the start: the state and, below it, what its additions have lost."""
        return start_rows(self.kernel, network.state, self.settings.accumulation)

    def start(self, network: Network) -> List[Array]:
        """What is carried from step to step, at the start: the rows, and spikes under way."""
        return [*self.rows(network), *at_rest(self.slots, network.cells)]

    def step(
        self, ops: Operations, number: Array, carried: Sequence[Array], armed: Array, code: Array, held: Held
    ) -> Tuple[List[Array], Array, Array]:
        """(carried, armed, code) after step `number` of a millisecond, counted from 0.

        armed   (N,), 1.0 where a cell may spike, see `Kernel.spikes`
        code    (N,) of the spikes in this millisecond, see `count_spikes`
        """
        after = self.carry(ops, carried, held)
        armed, code = self.count(ops, number, carried[0], after[0], armed, code, held)
        return after, armed, code

    def carry(self, ops: Operations, carried: Sequence[Array], held: Held) -> List[Array]:
        """What is carried on from a step."""
        rows, under_way = (carried[:-2], tuple(carried[-2:])) if self.slots else (carried, ())
        couple = self.couple(ops, held, under_way, rows[0].shape[-1])
        return [*self.advance(ops, rows, couple, held), *couple.after]

    def couple(self, ops: Operations, held: Held, under_way: Sequence[Array], cells: int) -> Couple:
        """What the kernel calls in a step to hear from neighbours."""
        shape = (self.slots, cells)
        return Couple(ops, self.kernel.edge, self.settings.coupling, held.graph, under_way, shape)

    def advance(self, ops: Operations, rows: Sequence[Array], couple: Couple, held: Held) -> List[Array]:
        """The rows after a step."""
        chosen = self.settings.dt, self.settings.rates, self.settings.accumulation
        return advance(self.kernel, ops, rows, held.parameters, couple, held.stimulus, *chosen)

    def count(
        self, ops: Operations, number: Array, before: Array, after: Array, armed: Array, code: Array, held: Held
    ) -> Tuple[Array, Array]:
        """(armed, code) after a step that took the potentials from `before` to `after`."""
        spiked, armed = self.kernel.spikes(ops, held.parameters, before, after, armed)
        return armed, count_spikes(ops, code, spiked, number, float(self.settings.steps_per_ms))
