"""What the programs of all peers share: what they can express, and what they do not promise."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Mapping

import numpy as np

from model.coupling import FORMULATIONS
from model.network import Network, connectivity
from neurochip_bench.backends.host import cpu_name
from neurochip_bench.backends.program import Program
from neurochip_bench.settings import Settings

OWN_SUM = "a peer sums over connections in its own way"


class PeerProgram(Program):
    """A network in the language of a peer, which is handed its states, parameters, connections and stimulus.

    library    the peer's name
    models     the kernels that are written down in its language
    lacks      (kernel, connected) of what it does not run here, to the reason
    same_step  whether it takes our very step, forward Euler, and is held to the rounding floor
    """

    library: ClassVar[str]
    models: ClassVar[tuple[str, ...]]
    lacks: ClassVar[Mapping[tuple[str, bool], str]] = MappingProxyType({})
    same_step: ClassVar[bool] = False
    unsupported = MappingProxyType(dict.fromkeys(FORMULATIONS, OWN_SUM))
    here = False
    device_name = cpu_name()
    _spent: ClassVar[float] = 0.0

    @classmethod
    def clock(cls) -> float:
        """Seconds that the peer itself has spent on runs, in its own process; only differences count."""
        return cls._spent

    @classmethod
    def cannot(cls, network: Network) -> str | None:
        """None if the peer can express a network, or one sentence that says what it cannot."""
        reason = cls.lacks.get((network.kernel, network.connected))
        if network.kernel not in cls.models and not reason:
            reason = "its equations are not written down in that language"
        if reason:
            return f"{cls.library} does not run {network.kernel} {connectivity(network.connected)}: {reason}"
        return f"{cls.library} is handed no delays: expected a network without" if network.delays is not None else None

    def __init__(self, dtype: np.dtype, network: Network, settings: Settings) -> None:
        refused = self.cannot(network)
        if refused:
            raise ValueError(refused)
        for name, value, own in (("rates", settings.rates, "safe"), ("accumulation", settings.accumulation, "plain")):
            if value != own:
                raise ValueError(f"{name} is {value!r}: expected {own!r}, since {self.library} has its own arithmetic")
        self.folder = Path(tempfile.mkdtemp(prefix=f"neurochip-bench-{self.library}-"))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        super().__init__(dtype, network, settings)

    def best_coupling(self, network: Network) -> None:
        """None: a peer has no formulations to choose from."""

    def reset(self, network: Network | None = None) -> None:
        """Back to the network's state. A peer is built for one network, and takes no other."""
        if network is not None:
            raise ValueError(f"{self.library} was built for its network and takes no other: prepare another program")
        super().reset()
