"""FitzHugh-Nagumo cells: two states, no units, joined by diffusion.

FitzHugh (1961), Biophys J 1:445; Nagumo, Arimoto, Yoshizawa (1962), Proc IRE 50:2061; the constants are FitzHugh's.
"""

from __future__ import annotations

from typing import List, Sequence, Tuple

import numpy as np

from model.arrays import Array
from model.kernels.kernel import Add, Kernel, NeighbourSum, Parameter, Parameters, Rows, plainly
from model.operations import Elementwise, Operations

FITZHUGH = "FitzHugh 1961"

PARAMETERS = {
    "a": Parameter(0.7, "1", FITZHUGH),
    "b": Parameter(0.8, "1", FITZHUGH),
    "epsilon": Parameter(0.08, "1", FITZHUGH),
    "drive": Parameter(0.5, "1", "within the range in which a cell oscillates"),
    "threshold": Parameter(1.0, "1", "where a spike is counted"),
}


def start(ops: Elementwise, n: int, rng: np.random.Generator) -> Rows:
    """Initial rows: v from N(-1, 0.5), w at its rest of the default drive."""
    return -1.0 + 0.5 * rng.standard_normal(n), -0.2


def step(
    ops: Operations,
    state: Sequence[Array],
    parameters: Parameters,
    couple: NeighbourSum,
    stimulus: Array,
    dt: float,
    rates: str = "safe",
    add: Add = plainly,
) -> List[Array]:
    """State rows after one forward-Euler step; `stimulus` adds to the drive."""
    v, w = state
    p = parameters
    flow = v - v * v * v * (1.0 / 3.0) - w + p["drive"] + stimulus + couple(v)
    return [add("v", v, dt * flow), add("w", w, dt * (p["epsilon"] * (v + p["a"] - p["b"] * w)))]


def diffusion(ops: Operations, source: Array, target: Array) -> Array:
    """What a connection of weight 1 brings."""
    return source - target


def spikes(ops: Operations, parameters: Parameters, before: Array, after: Array, armed: Array) -> Tuple[Array, Array]:
    """(spiked, armed): v is below the threshold before the step and not after it; needs no memory."""
    threshold = parameters["threshold"]
    return ops.where(before < threshold, ops.where(after >= threshold, 1.0, 0.0), 0.0), armed


KERNELS = (
    Kernel(
        name="fitzhugh_nagumo",
        states=("v", "w"),
        parameters=PARAMETERS,
        weight=Parameter(0.05, "1", "weak"),
        start=start,
        step=step,
        edge=diffusion,
        spikes=spikes,
        spikes_at=1,
        synaptic=False,
        gates=(),
        ranges={"v": (-2.5, 2.5), "w": (-1.0, 2.0)},
        special=(0.999, 1.001),
        unit="1",
        time="1",
    ),
)
