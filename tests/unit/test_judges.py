"""Who judges what NumPy is too slow for, how far, and by which yardsticks."""

from __future__ import annotations

import math
from copy import deepcopy
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from model.kernels import DT
from model.network import build, drive
from neurochip_bench.accuracy import RIGHT, UNUSABLE, Verdict
from neurochip_bench.accuracy.own import CountErrors
from neurochip_bench.accuracy.yardsticks import WINDOWS, moved, run_of
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.run import Run
from neurochip_bench.suite import float64, judges, own
from neurochip_bench.suite.float64 import Float64Runs
from neurochip_bench.suite.judges import Judged, agree, float32_beside, window
from neurochip_bench.suite.keeping import Kept, Truth
from neurochip_bench.suite.row import Row
from neurochip_bench.suite.truth import Truths

F32 = "numpy-cpu-f32"


@pytest.mark.parametrize(("cells", "milliseconds"), [(64, 100), (729, 100), (8000, 20), (125000, 2), (10**6, 1)])
def test_numpys_window_shrinks_with_the_network(cells, milliseconds):
    assert window(cells) == milliseconds
    assert window(cells) in WINDOWS


@pytest.fixture
def here(monkeypatch):
    """Says which float64 backends are here."""

    def only(*names):
        backends = {name: SimpleNamespace(**vars(BACKENDS[name]), mark=BACKENDS[name].mark) for name in judges.FLOAT64}
        for name, backend in backends.items():
            backend.missing = lambda name=name: None if name in names else "not here"
        monkeypatch.setattr(judges, "BACKENDS", backends)

    return only


@pytest.mark.parametrize(
    ("judged", "present", "expected"),
    [
        ("tensorflow-cpu-f32", judges.FLOAT64, ["jax-cpu-f64", "tensorflow-cpu-f64"]),
        ("onnxruntime-cpu-f32", judges.FLOAT64, ["jax-cpu-f64", "tensorflow-cpu-f64"]),
        ("jax-cpu-f32", judges.FLOAT64, ["tensorflow-cpu-f64", "jax-cpu-f64"]),
        ("jax-cpu-f32", ["jax-cpu-f64"], ["jax-cpu-f64"]),  # the same library's, where no other is here
        ("onnxruntime-cuda-f32", judges.FLOAT64, ["jax-gpu-f64", "jax-cpu-f64", "tensorflow-cpu-f64"]),
        ("jax-gpu-f32", judges.FLOAT64, ["tensorflow-cpu-f64", "jax-gpu-f64", "jax-cpu-f64"]),
        ("numpy-cpu-f32", [], []),
        (None, judges.FLOAT64, ["jax-cpu-f64", "tensorflow-cpu-f64"]),
    ],
)
def test_another_library_judges_where_there_is_one(here, judged, present, expected):
    here(*present)
    assert judges.judges(judged and BACKENDS[judged]) == expected


def test_rounding_is_that_of_another_library_than_the_one_judged():
    assert float32_beside("jax-cpu-f64", BACKENDS["tensorflow-cpu-f32"]) == "jax-cpu-f32"
    assert float32_beside("tensorflow-cpu-f64", BACKENDS["jax-cpu-f64"]) == "tensorflow-cpu-f32"
    assert float32_beside("jax-cpu-f64", BACKENDS["jax-cpu-f32"]) == F32
    assert float32_beside("jax-gpu-f64", None) == "jax-gpu-f32"


def wave(offset=0.0):
    trace = np.sin(np.arange(12.0)).reshape(4, 3) + offset
    return Run(trace[-1:], trace[1:2], trace, np.zeros((3, 3), np.int32), steps_per_ms=40)


def test_runs_agree_that_differ_in_rounding_alone():
    assert agree(wave(offset=1e-9), wave())
    assert not agree(wave(offset=1e-5), wave())
    other = wave()
    other.codes[2, 2] = 41
    assert not agree(other, wave())


class Slow:
    """A program by a clock of its own: a millisecond of the model takes as long as it says."""

    def __init__(self, program, each):
        self.program, self.each, self.now = program, each, 0.0

    def __getattr__(self, name):
        return getattr(self.program, name)

    def clock(self):
        return self.now

    def run(self, milliseconds, stimulus=None):
        self.now += self.each * milliseconds
        return self.program.run(milliseconds, stimulus)


@lru_cache(maxsize=None)
def ran(backend):
    """What a backend makes of the network of hh that is judged."""
    network = unconnected("hh")
    return run_of(backend, network, 100, drive(network, 100))


def unconnected(kernel):
    return build(kernel, 4, connected=False).rounded()


@pytest.fixture(params=["lif"])  # of which NumPy does most in the same time
def judged(request, monkeypatch):
    """Stands in for a large network: NumPy does 10 ms of it, and NumPy the judge a millisecond a second."""
    monkeypatch.setattr(judges, "CELL_MILLISECONDS", 640)
    monkeypatch.setattr(float64, "judges", lambda backend: ["slow"])
    prepared: list = []

    def prepare(network):
        prepared.append(Slow(BACKENDS[ORACLE].prepare(network), each=1.0))
        return prepared[-1]

    monkeypatch.setattr(float64, "BACKENDS", {"slow": SimpleNamespace(prepare=prepare)})
    network = unconnected(request.param)
    return Judged("name", network, drive(network, 100), None, math.inf), prepared


def test_a_judge_goes_on_from_where_it_was(judged):
    what, _ = judged
    truth = Float64Runs(Kept(None)).furthest(what)
    whole = run_of(ORACLE, what.network, 100, what.stimulus)
    assert truth.by == "slow"
    for name in ("state", "first", "trace", "codes"):
        np.testing.assert_array_equal(getattr(truth.run, name), getattr(whole, name))


@pytest.mark.parametrize(
    ("seconds", "milliseconds"), [(0.0, 10), (9.9, 10), (10.0, 20), (24.9, 20), (25.0, 50), (50.0, 100)]
)
def test_the_window_is_what_twice_the_rows_own_time_reaches(judged, seconds, milliseconds):
    what, _ = judged
    assert len(Float64Runs(Kept(None)).furthest(what._replace(seconds=seconds)).run.spikes) == milliseconds


def test_rows_add_to_a_truth_that_they_share(judged):
    what, prepared = judged
    runs = Float64Runs(Kept(None))
    reached = [
        len(runs.furthest(what._replace(seconds=seconds)).run.spikes) for seconds in (10.0, 15.0, 0.0, 25.0, 0.0)
    ]
    assert reached == [20, 50, 50, 100, 100]
    assert len(prepared) == 1


def test_whole_truths_are_kept_and_cost_nothing_in_the_next_session(judged, tmp_path, monkeypatch):
    what, _ = judged
    first = Float64Runs(Kept(tmp_path)).furthest(what)
    monkeypatch.setattr(float64, "run_of", None)
    monkeypatch.setattr(float64, "BACKENDS", {})
    again = Float64Runs(Kept(tmp_path)).furthest(what._replace(seconds=0.0))
    np.testing.assert_array_equal(again.run.trace, first.run.trace)
    assert again.by == "slow"


def test_a_judge_that_numpy_contradicts_is_not_believed(judged, monkeypatch):
    what, _ = judged
    monkeypatch.setattr(float64, "agree", lambda run, truth: False)
    truth = Float64Runs(Kept(None)).furthest(what)
    assert (truth.by, len(truth.run.spikes)) == (ORACLE, 10)


def test_no_more_truths_are_in_memory_than_the_newest(judged):
    what, _ = judged
    runs = Float64Runs(Kept(None))
    for name in "abc":
        runs.oracle(what._replace(name=name))
    assert len(runs._truths) == float64.AT_HAND


@pytest.mark.parametrize("judged", ["hh"], indirect=True)
def test_numpy_alone_judges_small_networks_and_where_no_other_is_here(references, judged, monkeypatch):
    what, _ = judged
    monkeypatch.setattr(float64, "judges", lambda backend: [])
    run = ran(F32)
    verdict = Truths(references).judge(run, what.network, what.stimulus)
    assert (verdict.word in RIGHT, verdict.milliseconds, verdict.by, verdict.own) == (True, 10, ORACLE, False)
    monkeypatch.setattr(judges, "CELL_MILLISECONDS", 6400)
    monkeypatch.setattr(float64, "judges", lambda backend: ["slow"])
    verdict = Truths(references).judge(run, what.network, what.stimulus)
    assert (verdict.word in RIGHT, verdict.milliseconds, verdict.by) == (True, 100, ORACLE)


@pytest.mark.parametrize("judged", ["hh"], indirect=True)
def test_an_error_beyond_numpys_window_is_found(references, judged):
    what, _ = judged
    wrong = what.stimulus.copy()
    wrong[50:, 7] += 10.0
    verdict = Truths(references).judge(run_of(F32, what.network, 100, wrong), what.network, what.stimulus)
    assert (verdict.word, verdict.milliseconds, verdict.by) == (UNUSABLE, 100, "slow")


@pytest.mark.parametrize("judged", ["hh"], indirect=True)
def test_own_yardsticks_are_asked_for_once_and_only_where_stored_ones_do_not_do(
    references, judged, tmp_path, monkeypatch
):
    what, _ = judged
    asked: list = []

    def half_step(backend, network, milliseconds, stimulus, dt):
        asked.append(dt)
        return run_of(ORACLE, network, milliseconds, stimulus, dt)

    monkeypatch.setattr(own, "run_of", half_step)
    truths = Truths(references, Kept(tmp_path))
    assert not truths.judge(ran(F32), what.network, what.stimulus).own
    off = deepcopy(ran(F32))
    off.trace[1:, 7] += np.float32(0.024)  # where 0.023 mV are allowed
    off.state[0] = off.trace[-1]
    for session in (truths, truths, Truths(references, Kept(tmp_path))):
        verdict = session.judge(off, what.network, what.stimulus)
        assert verdict.own
        assert verdict.step_error["vs_mv"] > 0
    assert asked == [DT / 2]


def test_rounding_of_a_maps_network_is_that_of_four_float32_runs(references, judged, monkeypatch):
    network = build("lif", 4).rounded()
    what, truth = Judged("name", network, None, None, 0.0), Truth(run_of(ORACLE, network, 5), "jax-cpu-f64")
    monkeypatch.setattr(own, "float32_beside", lambda by, backend: F32)
    runs = [run.state for run in own.rounded_runs(what, truth)]
    alone = [run_of(F32, start, 5).state for start in moved(network)]
    assert len(runs) == 4
    for mine, theirs in zip(runs, alone):
        np.testing.assert_array_equal(mine, theirs)
    verdict = Verdict(UNUSABLE, {"spikes_per_cell": 2.0}, {"spikes_per_cell": 0.25}, {"spikes_per_cell": 2.0}, 5)
    found = own.OwnYardsticks(Kept(None)).of(what, truth, verdict)
    assert isinstance(found, CountErrors)


class Benchmark:
    """What a row needs of pytest-benchmark's fixture, its rounds having taken 6 s in all."""

    name = "test_run[lif]"

    def __init__(self, stats):
        self.extra_info: dict = {}
        self.stats = SimpleNamespace(stats=SimpleNamespace(total=6.0)) if stats else None


@pytest.mark.parametrize(
    ("stats", "known", "seconds"),
    [
        (True, {"first_run_s": 9.0}, 6.0),
        (False, {"compile_s": 4.0, "first_run_s": 0.5}, 2.5),  # five rounds
        (False, {"compile_s": 4.0}, 4.0),
        (False, {}, 0.0),
    ],
)
def test_a_row_says_who_ran_it_and_how_long_its_rounds_took(stats, known, seconds):
    asked: list = []

    def judged(*arguments):
        asked.extend(arguments)
        return Verdict("faithful", by="jax-cpu-f64")

    row = Row(cast(Any, Benchmark(stats)), BACKENDS[F32], "lif", 4, False, None, judged)
    row.note(**known)
    row.judge(cast(Any, None))
    assert asked == [None, row.network, row.stimulus, BACKENDS[F32], seconds]
    assert (row.record.judged_by, row.record.own_yardsticks) == ("jax-cpu-f64", False)
