"""What a neuron model tells of itself to whatever builds, runs or judges networks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, List, Mapping, Protocol, Sequence, Tuple

import numpy as np

from model.arrays import Array, Floats
from model.operations import Elementwise, Operations

DT = 0.025  # ms, the step of every published result

Parameters = Mapping[str, Array]  # name to a number, or to one per cell
NeighbourSum = Callable[[Array], Array]  # of a signal (N,) to what it brings each cell through its connections
Rows = Tuple[Array, ...]


class Parameter(float):
    """A parameter's default value, with its `unit` and the `source` it is taken from."""

    unit: str
    source: str

    def __new__(cls, value: float, unit: str, source: str) -> Parameter:
        """The value with what it is measured in and where it is from."""
        parameter = super().__new__(cls, value)
        parameter.unit = unit
        parameter.source = source
        return parameter


def plainly(name: str, value: Array, change: Array) -> Array:
    """The state `name` after a change, which is added and no more; see `model.kernels.accumulation` for another way."""
    return value + change


class Add(Protocol):
    """How a kernel adds the change that a step brings to a state."""

    def __call__(self, name: str, value: Array, change: Array) -> Array:
        """The state `name`, which was `value`, after the change."""


class Start(Protocol):
    """How cells start."""

    def __call__(self, ops: Elementwise, n: int, rng: np.random.Generator) -> Rows:
        """Rows of the initial state of n cells, each a number or (n,)."""


class Step(Protocol):
    """The equations."""

    def __call__(
        self,
        ops: Operations,
        state: Sequence[Array],
        parameters: Parameters,
        couple: NeighbourSum,
        stimulus: Array,
        dt: float,
        rates: str = ...,
        add: Add = ...,
    ) -> List[Array]:
        """State rows after a step of `dt` ms, `stimulus` being held during it."""


class Edge(Protocol):
    """What a connection does."""

    def __call__(self, ops: Operations, source: Array, target: Array, /) -> Array:
        """What a connection of weight 1 adds to its target, of the signals at both its ends."""


class Spikes(Protocol):
    """When a cell spikes."""

    def __call__(
        self, ops: Operations, parameters: Parameters, before: Array, after: Array, armed: Array
    ) -> Tuple[Array, Array]:
        """(spiked, armed), both 1.0 or 0.0 per cell, of the membrane potentials before and after a step."""


class Varied(Protocol):
    """How cells differ."""

    def __call__(self, n: int, rng: np.random.Generator) -> Mapping[str, Floats]:
        """The parameters that standard networks draw per cell: name to (n,)."""


class Drive(Protocol):
    """What keeps cells busy."""

    def __call__(self, milliseconds: int, n: int, rng: np.random.Generator) -> Floats:
        """The stimulus (milliseconds, n) that standard networks are run with."""


@dataclass(frozen=True)
class Kernel:
    """A neuron model: its equations as functions of named operations, and what is needed to run and judge it.

    name          key in `KERNELS`
    states        names of the rows of an unconnected network's state; row 0 is the membrane potential recorded
    parameters    name to default value, with unit and source
    weight        default weight of a connection
    start, step, edge, spikes   its equations
    spikes_at     where in its step a spike lies: 1 at its end, 0 at its start
    synaptic      whether a connected network has one state more, the synaptic current, and directed connections;
                  otherwise its connections are gap junctions, which act both ways
    gates         names of the states that are gating variables, from 0 to 1
    ranges        name of each state, the synaptic current included, to (low, high) in its unit, within which tests walk
    map_dt        step in ms of a model that is a map per step; None of a differential equation, which takes any step
    varied        what standard networks draw per cell, or None
    drive         what standard networks are run with, or None
    oscillates    whether long runs have an oscillation to compare
    unit, time    units of the potential and of time, "1" of a model without: what is said of mV and ms is in these
    special       potentials at and around singular points of the rates, and on both sides of a spike's thresholds
    """

    name: str
    states: Tuple[str, ...]
    parameters: Mapping[str, Parameter]
    weight: Parameter
    start: Start
    step: Step
    edge: Edge
    spikes: Spikes
    spikes_at: int
    synaptic: bool
    gates: Tuple[str, ...]
    ranges: Mapping[str, Tuple[float, float]]
    map_dt: float | None = None
    varied: Varied | None = None
    drive: Drive | None = None
    oscillates: bool = False
    special: Tuple[float, ...] = ()
    unit: str = "mV"
    time: str = "ms"

    def __post_init__(self) -> None:
        wrong = {name for name in (*self.states, *self.gates) if not self._spans(name)}
        if wrong:
            raise ValueError(f"ranges of {self.name} has no (low, high) with low < high of {', '.join(sorted(wrong))}")

    def _spans(self, name: str) -> bool:
        low, high = self.ranges.get(name, (0.0, 0.0))
        return bool(low < high)

    @property
    def scale(self) -> float:
        """The largest magnitude of the potential within its range, in its unit: what results are measured on."""
        low, high = self.ranges[self.states[0]]
        return max(abs(low), abs(high))

    def scale_of(self, name: str) -> float:
        """What a difference of a state counts as one of the potential: the full range of a gate as the scale."""
        low, high = self.ranges[name]
        return self.scale / (high - low) if name in self.gates else 1.0

    def initial(self, n: int, rng: np.random.Generator) -> Floats:
        """Initial state (len(states), n) of unconnected cells in float64, drawn with a NumPy generator."""
        return np.stack([np.broadcast_to(np.float64(row), (n,)) for row in self.start(np, n, rng)])

    def state_names(self, connected: bool) -> Tuple[str, ...]:
        """Names of the state rows of a connected or an unconnected network."""
        return (*self.states, "I_syn") if connected and self.synaptic else self.states
