"""The cases whose float64 runs are stored: every model oscillating, spiking and on each path of its kernel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.kernels import DT, KERNELS
from model.network import build, connectivity, drive, kick

SIDE, SEED = 4, 42


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
    def name(self):
        """Name of the case and of its file."""
        parts = [self.kernel, connectivity(self.connected), self.start]
        parts += [self.stimulus] if self.stimulus else []
        parts += ["single-step"] if self.dt != DT else []
        return "-".join(parts)

    def network(self):
        """The network, from the kernel's own constants, rounded to float32."""
        network = build(self.kernel, SIDE, self.connected, SEED, uniform=self.start == "walk")
        if self.start == "walk":
            # With channels further open, forward Euler is unstable at 0.025 ms; a single step does not mind.
            network = walk(network, gates=0.4 if self.dt == DT else 1.0)
        return network.rounded()

    def applied(self, network):
        """The stimulus (milliseconds, N), or None."""
        stimuli = {None: lambda *_: None, "drive": drive, "kick": kick}
        return stimuli[self.stimulus](network, self.milliseconds)


def walk(network, gates):
    """The network from states that walk each path of its kernel.

    Potentials from -80 to 40 mV and the special ones; gating variables from 0 to `gates`; dendritic calcium up to 800,
    where its effect saturates above 500.
    """
    rng = np.random.default_rng(SEED)
    kernel = KERNELS[network.kernel]
    state = network.state.copy()
    for row, name in enumerate(network.states):
        low, high = (0.0, gates) if name in kernel.gates else (-80.0, 40.0)
        state[row] = rng.uniform(low, high, network.cells)
    special = kernel.special
    for row in (i for i, name in enumerate(network.states) if name.startswith("V")):
        state[row, : len(special)] = special
    if "Ca" in network.states:
        state[network.states.index("Ca")] = rng.uniform(0.0, 800.0, network.cells)
    if "I_syn" in network.states:
        state[-1] = rng.uniform(0.0, 2.0, network.cells)
    return network.but(state=state, topology=None, seed=None)


def _cases():
    for connected in (False, True):
        yield Case("io", connected, 2000, every=10)
        yield Case("hh", connected, 100, stimulus="drive")
        yield Case("lif", connected, 100)
        for kernel in KERNELS:
            yield Case(kernel, connected, 1, "walk")
        for kernel in ("io", "hh"):  # one step of 1 ms, in which every constant shows
            yield Case(kernel, connected, 1, "walk", dt=1.0)
    yield Case("hh", True, 20, stimulus="kick")  # after a millisecond each synapse but one has a current


CASES = {case.name: case for case in _cases()}
