"""What networks of one's own are judged by: a float64 run, F and D of the very network, kept by its content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zipfile import BadZipFile

import numpy as np

from model.kernels import DT, KERNELS
from neurochip_bench import files
from neurochip_bench.accuracy import Verdict, judge
from neurochip_bench.accuracy.verdict import Yardsticks
from neurochip_bench.accuracy.yardsticks import run_of, yardsticks
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.networks.own import Own
from neurochip_bench.run import Run
from neurochip_bench.suite.long_truth import STAND_INS, agree, digest
from neurochip_bench.suite.truth import CELL_MILLISECONDS, window

if TYPE_CHECKING:
    from neurochip_bench.backends import Backend

FLOAT32 = "numpy-cpu-f32"
ROUNDING = ("jax-cpu-f32", "tensorflow-cpu-f32", "onnxruntime-cpu-f32")  # whose float32 runs give F beside a stand-in


class OwnTruth(NamedTuple):
    """A float64 run, the network's yardsticks, and the ids of the backends that gave the run and F."""

    run: Run
    yardsticks: Yardsticks
    by: str
    floor_by: str


class OwnTruths:
    """The truths of a session's own networks, in a folder for later ones, if there is a folder."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._truths: dict[str, OwnTruth] = {}
        self._agreed: dict[tuple[str, str], bool] = {}

    def judge(self, run: Run, own: Own, judged: Backend) -> tuple[Verdict, OwnTruth]:
        """The `Verdict` on a run of a network from its start by a backend, and what it is by."""
        truth = self.of(own, judged)
        return judge(run, truth.run, KERNELS[own.network.kernel], truth.yardsticks), truth

    def of(self, own: Own, judged: Backend) -> OwnTruth:
        """What a backend's run of a network is judged by.

        That is NumPy where all of it, seven runs, takes it about a minute. Else a stand-in that agreed with NumPy over
        as much as NumPy does in time, with F by another library than the judged; where there is none, that much.
        """
        if own.network.cells * own.milliseconds <= CELL_MILLISECONDS:
            return self._known(own, own.milliseconds, ORACLE, FLOAT32)
        rounding = other_float32(judged)
        for by in stand_ins(judged) if rounding else []:
            if self._agrees(own, by):
                return self._known(own, own.milliseconds, by, rounding or FLOAT32)
        return self._known(own, min(own.milliseconds, window(own.network.cells)), ORACLE, FLOAT32)

    def _agrees(self, own: Own, by: str) -> bool:
        """Whether a stand-in's run is NumPy's over the first milliseconds."""
        key = own.digest, by
        if key not in self._agreed:
            head = min(own.milliseconds, window(own.network.cells))
            stimulus = None if own.stimulus is None else own.stimulus[:head]
            runs = (run_of(backend, own.network, head, stimulus) for backend in (by, ORACLE))
            self._agreed[key] = agree(*runs)
        return self._agreed[key]

    def _known(self, own: Own, milliseconds: int, by: str, floor_by: str) -> OwnTruth:
        key = f"own-{digest(own.network, milliseconds, own.stimulus)}-{own.digest}-{by}-{floor_by}"
        if key not in self._truths:
            kept = self._kept(key, own, by, floor_by)
            self._truths[key] = kept or self._computed(key, own, milliseconds, by, floor_by)
        return self._truths[key]

    def _kept(self, key: str, own: Own, by: str, floor_by: str) -> OwnTruth | None:
        if self._folder is None:
            return None
        try:
            with np.load(self._folder / f"{key}.npz", allow_pickle=False) as kept:
                arrays = [kept[name] for name in ("state", "first", "trace", "codes")]
                found = json.loads(str(kept["yardsticks"]))
        except (OSError, ValueError, KeyError, BadZipFile):
            return None  # not there, or damaged
        spikes_at = KERNELS[own.network.kernel].spikes_at
        return OwnTruth(Run(*arrays, steps_per_ms=round(1 / DT), spikes_at=spikes_at), found, by, floor_by)

    def _computed(self, key: str, own: Own, milliseconds: int, by: str, floor_by: str) -> OwnTruth:
        stimulus = None if own.stimulus is None else own.stimulus[:milliseconds]
        run = run_of(by, own.network, milliseconds, stimulus)
        found = yardsticks(own.network, run, stimulus, [milliseconds], backends=(floor_by, by))[str(milliseconds)]
        if self._folder:
            with files.whole(self._folder / f"{key}.npz") as file:  # so that nobody reads half of one
                said = np.array(json.dumps(found))
                np.savez(file, state=run.state, first=run.first, trace=run.trace, codes=run.codes, yardsticks=said)
        return OwnTruth(run, found, by, floor_by)


def stand_ins(judged: Backend) -> list[str]:
    """Ids of the float64 backends that are here, those of another library than the judged first."""
    here = [name for name in STAND_INS if BACKENDS[name].missing() is None]
    return sorted(here, key=lambda name: BACKENDS[name].library == judged.library)


def other_float32(judged: Backend) -> str | None:
    """Id of a float32 backend of another library than the judged; None where none is here."""
    others = (name for name in ROUNDING if BACKENDS[name].library != judged.library)
    return next((name for name in others if BACKENDS[name].missing() is None), None)
