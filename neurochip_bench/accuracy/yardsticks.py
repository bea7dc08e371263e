"""The model's own errors, by which every backend is measured: rounding and discretisation."""

from __future__ import annotations

from typing import Iterator, Sequence, Tuple

import numpy as np

from model.arrays import Reals
from model.kernels import DT, KERNELS
from model.network import Network
from neurochip_bench.accuracy.measures import measure
from neurochip_bench.accuracy.verdict import Yardsticks
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.run import Run

WINDOWS = (1, 2, 5, 10, 20, 50, 100)  # ms
MAP_STEP_ERROR = {"v1_mv": 0.0, "spikes_per_cell": 2.0, "spikes_total": 1e-4}  # a map has no step to halve


def yardsticks(
    network: Network,
    truth: Run,
    stimulus: Reals | None,
    windows: Sequence[int],
    dt: float = DT,
    *,
    backends: Tuple[str, str] = ("numpy-cpu-f32", ORACLE),
) -> dict[str, Yardsticks]:
    """F and D of a network that is rounded to float32, for windows of its float64 run `truth`.

    F is the largest distance of four float32 runs, from the state itself, from one moved up or down by a rounding
    error, and from one moved at random; D is the distance of the float64 run with half the step, and zero for a
    single large step, which is no approximation to anything.
    `backends` are those that run them in float32 and in float64.
    Returns F and D by window, as a string; all are JSON scalars.
    """
    kernel, milliseconds = KERNELS[network.kernel], len(truth.spikes)
    rounding = [run_of(backends[0], n, milliseconds, stimulus, dt) for n in moved(network)]
    approximates = dt == DT and kernel.map_dt is None
    halved = run_of(backends[1], network, milliseconds, stimulus, dt / 2) if approximates else None
    result: dict[str, Yardsticks] = {}
    for window in windows:
        head = truth.head(window)
        floors = [measure(run, head, kernel) for run in rounding]
        floor = {name: max(floor[name] for floor in floors) for name in floors[0]}
        if "spikes_total" in floor:
            floor["spikes_total"] = max(floor["spikes_total"], 0.25 / max(head.spikes.sum(), 1))
        none = {**dict.fromkeys(floor, 0.0), **MAP_STEP_ERROR}
        step_error = none if halved is None else measure(halved, head, kernel)
        result[str(window)] = {"floor": floor, "step_error": {name: step_error[name] for name in floor}}
    return result


def run_of(backend: str, network: Network, milliseconds: int, stimulus: Reals | None = None, dt: float = DT) -> Run:
    """A recorded run of a freshly prepared network."""
    return BACKENDS[backend].prepare(network, dt=dt).run(milliseconds, stimulus)


def moved(network: Network) -> Iterator[Network]:
    """The network, and copies with every state a float32 rounding error up, down, and up or down at random."""
    state = network.state.astype(np.float32)
    up, down = np.nextafter(state, np.float32(np.inf)), np.nextafter(state, np.float32(-np.inf))
    either = np.where(np.random.default_rng(0).random(state.shape) < 0.5, up, down)
    for start in (state, up, down, either):
        yield network.but(state=start)
