"""What a neuron model tells the rest of the suite about itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Mapping, Tuple

import numpy as np

DT = 0.025  # ms, the step of every published result


class Parameter(float):
    """A parameter's default value, with its `unit` and the `source` it is taken from."""

    unit: str
    source: str

    def __new__(cls, value, unit, source):
        """The value with what it is measured in and where it is from."""
        parameter = super().__new__(cls, value)
        parameter.unit = unit
        parameter.source = source
        return parameter


@dataclass(frozen=True)
class Kernel:
    """A neuron model: its equations as functions of named operations, and what is needed to run and judge it.

    name          key in `KERNELS`
    states        names of the rows of an unconnected network's state; row 0 is the membrane potential recorded
    parameters    name to default value, with unit and source
    weight        default weight of a connection
    start         (ops, n, rng) to the rows of the initial state, each a number or (n,)
    step          (ops, rows, parameters, couple, stimulus, dt, rates) to the rows after a step
    edge          (ops, signal_source, signal_target) to what a connection of weight 1 adds to its target
    spikes        (ops, parameters, V_before, V_after, armed) to (spiked, armed), both 1.0 or 0.0 per cell
    spikes_at     where in its step a spike lies: 1 at its end, 0 at its start
    synaptic      whether a connected network has one state more, the synaptic current, and directed connections;
                  otherwise its connections are gap junctions, which act both ways
    gates         names of the states that are gating variables, from 0 to 1
    ranges        name of each state, the synaptic current included, to (low, high) in its unit, within which tests walk
    steps         the time steps in ms that the model may be run with, or None for any
    varied        (n, rng) to the parameters that standard networks draw per cell, or None
    drive         (milliseconds, n, rng) to the stimulus that standard networks are run with, or None
    oscillates    whether long runs have an oscillation to compare
    special       potentials in mV at and around singular points of the rates, and on both sides of a spike's thresholds
    """

    name: str
    states: Tuple[str, ...]
    parameters: Mapping[str, Parameter]
    weight: Parameter
    start: Callable
    step: Callable
    edge: Callable
    spikes: Callable
    spikes_at: int
    synaptic: bool
    gates: Tuple[str, ...]
    ranges: Mapping[str, Tuple[float, float]]
    steps: Tuple[float, ...] | None = None
    varied: Callable | None = None
    drive: Callable | None = None
    oscillates: bool = False
    special: Tuple[float, ...] = ()

    def initial(self, n, rng):
        """Initial state (len(states), n) of unconnected cells in float64, drawn with a NumPy generator."""
        return np.stack([np.broadcast_to(np.float64(row), (n,)) for row in self.start(np, n, rng)])

    def state_names(self, connected):
        """Names of the state rows of a connected or an unconnected network."""
        return (*self.states, "I_syn") if connected and self.synaptic else self.states
