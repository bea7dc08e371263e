"""A network: who there is and who is joined to whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from model.arrays import Floats, Integers
from model.checks import finite_array, indices, narrowed, not_ragged, one_of
from model.kernels import KERNELS, Kernel

if TYPE_CHECKING:
    import os

    from numpy.typing import ArrayLike  # NumPy before 1.20, which vendors' Pythons have, knows none

    from model.network.files import File


class Network:
    """Cells of one kernel with their state, parameters and connections, checked and in float64.

    kernel      name in `KERNELS`
    state       (states, N), one row per state of the kernel, the synaptic current last if synapses connect the cells:
                zeros where that row is left out
    sources     (E,) cell indices; connection e acts from sources[e] ...
    targets     (E,) ... on targets[e]. A gap junction stands in both directions. Duplicates add.
    weights     scalar or (E,): gap conductance in mS/cm2 (io) or synaptic weight (hh, lif); the kernel's by default
    parameters  name to a scalar or (N,), in the unit of the kernel's parameter; the kernel's default where missing
    topology, seed   how the network was drawn, for the record; None if by hand
    delays      of synapses (hh, lif): ms from a spike to its input, scalar or (E,); None: none

    A delay is rounded to the nearest step, half a step to the even one, and adds to the way of a spike without: that
    reaches the synaptic current at the end of its own step.
    Raises ValueError for an unknown kernel or parameter, wrong shapes or types, non-finite numbers, and for delays
    that are negative or of gap junctions.
    """

    def __init__(
        self,
        kernel: str,
        state: ArrayLike,
        sources: ArrayLike,
        targets: ArrayLike,
        weights: ArrayLike | None = None,
        parameters: Mapping[str, ArrayLike] | None = None,
        *,
        topology: str | None = None,
        seed: int | None = None,
        delays: ArrayLike | None = None,
    ) -> None:
        self.kernel = one_of("kernel", kernel, KERNELS)
        model = KERNELS[kernel]
        state = not_ragged("state", state, "an array (states, N)")
        if state.ndim != 2 or not state.size:
            raise ValueError(f"state has shape {state.shape}: expected (states, N), {len(model.states)} rows or more")
        self.cells = state.shape[1]
        self.sources = indices("sources", sources, self.cells)
        self.targets = indices("targets", targets, self.cells)
        self.connections = len(self.sources)
        if len(self.targets) != self.connections:
            raise ValueError(f"targets has {len(self.targets)} entries: expected {self.connections}, one per source")
        self.states = model.state_names(self.connected)
        if len(self.states) == len(model.states) + 1 == len(state) + 1 and state.dtype.kind in "iuf":
            state = np.concatenate([state, np.zeros((1, self.cells))])  # no current flows yet
        rows = (len(self.states), self.cells)
        self.state = finite_array(f"state of {self._kind()}", state, [rows])
        weights = model.weight if weights is None else weights
        self.weights = finite_array("weights", weights, [(), (self.connections,)])
        self.parameters = self._checked({} if parameters is None else parameters, model)
        self.topology, self.seed = topology, seed
        self.delays = None if delays is None else self._checked_delays(delays, model)

    def save(self, file: File, stimulus: ArrayLike | None = None, milliseconds: int | None = None) -> None:
        """Write this network to an NPZ file, which `load` reads, and what it is to be run with."""
        from model.network import files  # which knows networks

        files.save(self, file, stimulus, milliseconds)

    @classmethod
    def load(cls, path: str | os.PathLike[str], kernel: str | None = None) -> Network:
        """The network of an NPZ file, of `kernel` where the file says none; raises ValueError with file and place."""
        from model.network import files

        return files.load(path, kernel)[0]

    @property
    def connected(self) -> bool:
        """Whether there is any connection."""
        return self.connections > 0

    def rounded(self) -> Network:
        """This network with every number rounded to float32, so that all precisions start alike.

        Delays are left alone: they become whole steps before any backend sees them.
        """

        def round32(what: str, array: Floats) -> Floats:
            return narrowed(what, array, np.float32).astype(np.float64)

        parameters = {name: round32(f"parameters[{name!r}]", value) for name, value in self.parameters.items()}
        state, weights = round32("state", self.state), round32("weights", self.weights)
        return self.but(state=state, weights=weights, parameters=parameters)

    def but(self, **changes: Any) -> Network:  # of the types that `Network` takes
        """This network with some of `Network`'s arguments replaced."""
        names = ("kernel", "state", "sources", "targets", "weights", "parameters", "topology", "seed", "delays")
        return Network(**{**{name: getattr(self, name) for name in names}, **changes})

    def delay_steps(self, dt: float) -> Integers | None:
        """Steps (E,) of `dt` ms from a spike to its input, each delay rounded to the nearest; None if all are 0."""
        if self.delays is None:
            return None
        steps = np.broadcast_to(np.rint(self.delays / dt).astype(np.int64), self.connections)
        return steps if steps.any() else None

    def _kind(self) -> str:
        return f"{'a connected' if self.connected else 'an unconnected'} {self.kernel} network"

    def _checked_delays(self, delays: ArrayLike, model: Kernel) -> Floats:
        if not model.synaptic:
            raise ValueError(f"delays is given for {self.kernel}, whose gap junctions have none: expected None")
        late = finite_array("delays", delays, [(), (self.connections,)])
        if late.size and late.min() < 0:
            raise ValueError(f"delays holds {late.min():g}: expected ms from 0")
        return late

    def _checked(self, parameters: Mapping[str, ArrayLike], model: Kernel) -> dict[str, Floats]:
        if not isinstance(parameters, Mapping):
            raise ValueError(f"parameters is {type(parameters).__name__}: expected a mapping of names to numbers")
        if "g_gj" in parameters:
            raise ValueError("parameters holds 'g_gj': expected the gap conductance as `weights`")
        for name in parameters:
            one_of("parameter", name, model.parameters)
        merged = {**model.parameters, **parameters}
        return {k: finite_array(f"parameters[{k!r}]", v, [(), (self.cells,)]) for k, v in merged.items()}


def connectivity(connected: bool) -> str:
    """The word for whether there is any connection, in ids, file names and markers."""
    return "connected" if connected else "unconnected"


def a_network(network: object) -> Network:
    """`network` if it is one."""
    if not isinstance(network, Network):
        raise ValueError(f"network is {type(network).__name__}: expected a model.network.Network")
    return network
