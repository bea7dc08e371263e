"""What the programs of all peers share: each runs a network in a process of its own, and is timed inside it."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from abc import abstractmethod
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Mapping, NamedTuple

import numpy as np

from model.arrays import Array, Codes, Floats, Reals
from model.coupling import FORMULATIONS
from model.network import Network, connectivity
from neurochip_bench.backends.host import cpu_name
from neurochip_bench.backends.program import Program
from neurochip_bench.settings import Settings

OWN_SUM = "a peer sums over connections in its own way"


class Spiked(NamedTuple):
    """Every spike of a run: the cell (S,) and the number of the step (S,), from 0."""

    cells: Array
    steps: Array


class Piece(NamedTuple):
    """What a peer's process gives back of a piece of a run.

    rows     (R, N) what is carried on: the state and, below it, what the peer needs besides
    trace    (milliseconds, N) of the potential at the end of each
    seconds  from the first step until the results were read back
    """

    rows: Floats
    trace: Floats
    spiked: Spiked
    seconds: float


class PeerProgram(Program):
    """A network in the language of a peer, which is handed its states, parameters, connections and stimulus.

    library   the peer's name
    lacks     (kernel, connected) of what it does not run here, to the reason and what it does instead
    models    the kernels that are written down in its language
    same_step whether it takes our very step, forward Euler, and is held to the rounding floor
    """

    library: ClassVar[str]
    models: ClassVar[tuple[str, ...]]
    lacks: ClassVar[Mapping[tuple[str, bool], str]] = MappingProxyType({})
    same_step: ClassVar[bool] = False
    unsupported = MappingProxyType(dict.fromkeys(FORMULATIONS, OWN_SUM))
    here = False
    device_name = cpu_name()
    _spent: ClassVar[float] = 0.0  # seconds in the peer's processes

    @classmethod
    def clock(cls) -> float:
        """Seconds that runs took inside the processes of this peer; only differences count."""
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

    @abstractmethod
    def _start_rows(self) -> Floats:
        """Rows at the start, see `Piece`."""

    @abstractmethod
    def _run_piece(self, rows: Floats, milliseconds: int, stimulus: Reals | None) -> Piece:
        """Run a process from some rows."""

    def __init__(self, dtype: np.dtype, network: Network, settings: Settings) -> None:
        refused = self.cannot(network)
        if refused:
            raise ValueError(refused)
        if (settings.rates, settings.accumulation) != ("safe", "plain"):
            raise ValueError(
                f"rates {settings.rates!r} and accumulation {settings.accumulation!r} are of our kernels: expected "
                f"'safe' and 'plain' for {self.library}, which has its own"
            )
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

    def _load(self) -> None:
        self._rows = self._start_rows()

    def _advance(self, milliseconds: int, stimulus: Reals | None) -> tuple[Reals, Codes]:
        piece = self._run_piece(self._rows, milliseconds, stimulus)
        self._rows = piece.rows
        type(self)._spent += piece.seconds
        return piece.trace, codes_of(piece.spiked, (milliseconds, self.network.cells), self.settings.steps_per_ms)

    def _state(self) -> Reals:
        return self._rows[: len(self.network.state)]


def codes_of(spiked: Spiked, shape: tuple[int, int], steps_per_ms: int) -> Codes:
    """Codes (milliseconds, N) of spikes, see `count_spikes`."""
    codes = np.zeros(shape, np.int32)
    milliseconds, steps = np.divmod(spiked.steps, steps_per_ms)
    np.add.at(codes, (milliseconds, spiked.cells), steps_per_ms)
    first = np.full(shape, steps_per_ms, np.int32)
    np.minimum.at(first, (milliseconds, spiked.cells), steps.astype(np.int32))
    return codes + np.where(codes > 0, first, 0)
