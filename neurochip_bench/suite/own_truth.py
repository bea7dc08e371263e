"""What networks of one's own are judged by: a float64 run, F and D of the very network, kept by its content."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Iterator, NamedTuple

import numpy as np

from model.kernels import KERNELS
from neurochip_bench.accuracy import Verdict, judge
from neurochip_bench.accuracy.verdict import Yardsticks
from neurochip_bench.accuracy.yardsticks import run_of, yardsticks
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.networks.own import Own
from neurochip_bench.run import Run
from neurochip_bench.suite.judges import CELL_MILLISECONDS, FLOAT32, agree, judges, window
from neurochip_bench.suite.keeping import Arrays, Kept, Truth, digest, packed, unpacked

if TYPE_CHECKING:
    from neurochip_bench.backends import Backend

ROUNDING = ("jax-cpu-f32", "tensorflow-cpu-f32", "onnxruntime-cpu-f32")  # whose float32 runs give F beside a stand-in
AT_HAND = 4  # truths in memory, of two networks by two judges


class By(NamedTuple):
    """Who gives the float64 runs, and who the float32 runs of F, over how many milliseconds."""

    truth: str
    floor: str
    milliseconds: int


class OwnTruth(NamedTuple):
    """A float64 run, the network's yardsticks, and who gave them."""

    run: Run
    yardsticks: Yardsticks
    by: By


class OwnTruths:
    """The truths of a session's own networks, which are also kept for later sessions."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._truths: dict[tuple[str, By], OwnTruth] = {}
        self._agreed: dict[tuple[str, str], bool] = {}

    def judge(self, run: Run, own: Own, judged: Backend) -> tuple[Verdict, str]:
        """The `Verdict` on a run of a network from its start by a backend, and the id of who gave F."""
        truth = self.of(own, judged)
        kernel = KERNELS[own.network.kernel]
        verdict = judge(run, truth.run, kernel, truth.yardsticks, truth.by.truth)
        return replace(verdict, own=True), truth.by.floor

    def of(self, own: Own, judged: Backend) -> OwnTruth:
        """What a backend's run of a network is judged by: the first of `ways` that NumPy agrees with."""
        return self._known(own, next(by for by in ways(own, judged) if self._agrees(own, by)))

    def _agrees(self, own: Own, by: By) -> bool:
        """Whether the float64 run is NumPy's over the first milliseconds, as far as NumPy gets in time."""
        if by.truth == ORACLE:
            return True
        key = own.digest, by.truth
        if key not in self._agreed:
            head = min(own.milliseconds, window(own.network.cells))
            run, truth = (run_of(name, own.network, head, own.applied(head)) for name in (by.truth, ORACLE))
            self._agreed[key] = agree(run, truth)
        return self._agreed[key]

    def _known(self, own: Own, by: By) -> OwnTruth:
        if (own.digest, by) not in self._truths:
            name = f"{digest(own.network, by.milliseconds, own.applied(by.milliseconds))}-own-{by.truth}-{by.floor}"
            kept = self._kept.get(name, lambda: computed(own, by))
            found = OwnTruth(unpacked(kept, own.network).run, json.loads(str(kept["yardsticks"])), by)
            self._truths[own.digest, by] = found
            while len(self._truths) > AT_HAND:
                del self._truths[next(iter(self._truths))]
        return self._truths[own.digest, by]


def computed(own: Own, by: By) -> Arrays:
    """The float64 run and the yardsticks of a network, as arrays."""
    stimulus = own.applied(by.milliseconds)
    run = run_of(by.truth, own.network, by.milliseconds, stimulus)
    found = yardsticks(own.network, run, stimulus, [by.milliseconds], backends=(by.floor, by.truth))
    return {**packed(Truth(run, by.truth)), "yardsticks": np.array(json.dumps(found[str(by.milliseconds)]))}


def ways(own: Own, judged: Backend) -> Iterator[By]:
    """By whom a backend's run of a network may be judged, the best first.

    That is NumPy where all of it, seven runs, takes it about a minute. Else a stand-in with F by another library than
    the judged; where there is none, as much as NumPy does in time.
    """
    cells, milliseconds = own.network.cells, own.milliseconds
    if cells * milliseconds > CELL_MILLISECONDS:
        floor = other_float32(judged)
        yield from (By(truth, floor, milliseconds) for truth in judges(judged) if floor is not None)
        milliseconds = min(milliseconds, window(cells))
    yield By(ORACLE, FLOAT32, milliseconds)


def other_float32(judged: Backend) -> str | None:
    """Id of a float32 backend of another library than the judged; None where none is here."""
    others = (name for name in ROUNDING if BACKENDS[name].library != judged.library)
    return next((name for name in others if BACKENDS[name].missing() is None), None)
