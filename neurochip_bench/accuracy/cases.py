"""The cases whose float64 runs are stored: every model oscillating, spiking and on each path of its kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Iterator

import numpy as np

from model.arrays import Singles
from model.checks import whole_number
from model.kernels import DT, KERNELS
from model.network import Network, build, connectivity, drive

SIDE, SEED = 4, 42


def _nothing(network: Network, milliseconds: int) -> None:
    return None


def kick(network: Network, milliseconds: int) -> Singles:
    """Two milliseconds of 60 uA/cm2 for all, then nothing, as (milliseconds, N): every Hodgkin-Huxley cell fires."""
    milliseconds = whole_number("milliseconds", milliseconds, 1)
    stimulus = np.zeros((milliseconds, network.cells), np.float32)
    stimulus[:2] = 60.0
    return stimulus


STIMULI: dict[str | None, Callable[[Network, int], Singles | None]] = {None: _nothing, "drive": drive, "kick": kick}


@dataclass(frozen=True)
class Case:
    """A stored run: `start` is "standard", the network that is timed, or "walk", states all over their ranges.

    `stimulus` is "drive", "kick" or None; `every` is the number of milliseconds between two stored samples.
    """

    kernel: str
    connected: bool
    milliseconds: int
    start: str = "standard"
    stimulus: str | None = None
    every: int = 1
    dt: float = DT

    @property
    def name(self) -> str:
        """Name of the case and of its file."""
        parts = [self.kernel, connectivity(self.connected), self.start]
        parts += [self.stimulus] if self.stimulus else []
        parts += ["single-step"] if self.dt != DT else []
        return "-".join(parts)

    def network(self) -> Network:
        """The network, from the kernel's own constants, rounded to float32."""
        network = build(self.kernel, SIDE, self.connected, SEED, uniform=self.start == "walk")
        if self.start == "walk":
            # With channels further open, forward Euler is unstable at 0.025 ms; a single step does not mind.
            network = walk(network, gates=0.4 if self.dt == DT else 1.0)
        return network.rounded()

    def applied(self, network: Network) -> Singles | None:
        """The stimulus (milliseconds, N), or None."""
        return STIMULI[self.stimulus](network, self.milliseconds)


def walk(network: Network, gates: float) -> Network:
    """The network from states drawn over the ranges that its kernel declares, gating variables over a part of theirs.

    gates   that part, from 0 to 1

    The first cells have the kernel's special potentials. What is neither potential nor gating variable is drawn a
    second time, last: so the stored walks were drawn.
    """
    rng = np.random.default_rng(SEED)
    kernel = KERNELS[network.kernel]
    ranges = {**kernel.ranges}
    for name in kernel.gates:
        low, high = ranges[name]
        ranges[name] = (low, high * gates)
    state = network.state.copy()
    for row, name in enumerate(network.states):
        low, high = ranges[name]
        state[row] = rng.uniform(low, high, network.cells)
    for row, name in enumerate(network.states):
        low, high = ranges[name]
        if row == 0 or name.startswith("V"):
            state[row, : len(kernel.special)] = kernel.special
        elif name not in kernel.gates:
            state[row] = rng.uniform(low, high, network.cells)
    return network.but(state=state, topology=None, seed=None)


def _cases() -> Iterator[Case]:
    own = [(name, KERNELS[name]) for name in KERNELS.own]  # nothing is stored of other packages' kernels
    for connected in (False, True):
        for name, kernel in own:
            milliseconds, every = (2000, 10) if kernel.oscillates else (100, 1)
            yield Case(name, connected, milliseconds, stimulus="drive" if kernel.drive else None, every=every)
        for name, _ in own:
            yield Case(name, connected, 1, "walk")
        for name in (name for name, kernel in own if kernel.map_dt is None):
            yield Case(name, connected, 1, "walk", dt=1.0)  # one step of 1 ms, in which every constant shows
    yield Case("hh", True, 20, stimulus="kick")  # after a millisecond each synapse but one has a current


CASES = {case.name: case for case in _cases()}
