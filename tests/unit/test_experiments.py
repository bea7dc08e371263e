"""The parts of the experiments: long runs in pieces, their truths, deviations, traces and progress."""

from __future__ import annotations

import io
import json
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from model.network import build
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.experiments.validation import WINDOW_MS, deviation
from neurochip_bench.keep.record import Record
from neurochip_bench.run import Run
from neurochip_bench.suite import judges, long, long_truth
from neurochip_bench.suite.keeping import Kept
from neurochip_bench.suite.long_truth import LongTruths
from neurochip_bench.suite.progress import progress
from neurochip_bench.suite.rows import Rows

MILLISECONDS = 3000
STATE = np.zeros((14, 8))


def wave(drift=0.0, offset=0.0):
    """Eight cells that oscillate with a period of 125 ms, their phase drifting by so many radians in all."""
    t = np.arange(MILLISECONDS + 1)[:, None] * np.ones((1, 8))
    trace = -60.0 + offset + 5.0 * np.cos(2 * np.pi * t / 125.0 + drift * t / MILLISECONDS)
    return Run(STATE, STATE, trace, np.zeros((MILLISECONDS, 8), np.int32), steps_per_ms=40)


def silent(*arguments):
    config: Any = SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin=lambda name: None))
    return progress(config, *arguments)


def test_deviation_has_the_quantiles_of_both_seconds():
    found = deviation(wave(offset=0.25), wave(), 1e-3)
    assert all(found[f"{w}_{q}_mv"] == pytest.approx(0.25) for w in ("first", "last") for q in ("min", "p50", "max"))
    assert found["phase_growing"] is False


@pytest.mark.parametrize(("drift", "growing"), [(0.0, False), (0.003, False), (0.3, True), (-0.3, True)])
def test_phase_that_drifts_further_than_rounding_does_grows(drift, growing):
    found = deviation(wave(drift), wave(), 1e-3)
    assert found["phase_growing"] is growing
    assert found["phase_first_rad"] == pytest.approx(abs(drift) / 6, rel=0.05, abs=1e-6)
    assert found["phase_last_rad"] == pytest.approx(abs(drift) * 5 / 6, rel=0.05, abs=1e-6)


def test_run_that_is_not_finite_has_no_deviation():
    run = wave()
    run.trace[7, 3] = np.nan
    assert set(deviation(run, wave(), 1e-3).values()) == {None}


def test_cells_that_rest_have_no_phase():
    rest = Run(STATE, STATE, np.full((MILLISECONDS + 1, 8), -60.0), wave().codes, steps_per_ms=40)
    found = deviation(rest, rest, 1e-3)
    assert (found["phase_first_rad"], found["phase_growing"], found["last_max_mv"]) == (None, None, 0.0)
    assert WINDOW_MS < MILLISECONDS


def test_run_in_pieces_is_the_run_in_one_and_tells_how_far_it_is(monkeypatch):
    monkeypatch.setattr(long, "PIECE_MS", 4)
    network = build("hh", 4).rounded()
    stimulus = np.random.default_rng(1).uniform(0.0, 20.0, (10, network.cells)).astype(np.float32)
    program = BACKENDS[ORACLE].prepare(network)
    told: list[int] = []
    pieces = long.in_pieces(program, 10, stimulus, told.append)
    program.reset()
    whole = program.run(10, stimulus)
    assert told == [4, 8, 10]
    for name in ("state", "first", "trace", "codes", "spikes", "spike_times"):
        np.testing.assert_array_equal(getattr(pieces, name), getattr(whole, name))


def test_estimate_is_proportional_to_the_length():
    program: Any = SimpleNamespace(run=lambda milliseconds: None, clock=iter([0.0, 0.5]).__next__)
    assert long.estimate(program, 10 * long.MEASURED_MS) == 5.0


def test_progress_is_shown_on_a_terminal_and_nowhere_else(monkeypatch):
    def shown(isatty):
        screen = io.StringIO()
        screen.isatty = lambda: isatty  # type: ignore[method-assign]
        monkeypatch.setattr(sys, "stdout", screen)
        plugins = {"terminalreporter": SimpleNamespace(isatty=isatty), "capturemanager": SimpleNamespace()}
        plugins["capturemanager"].global_and_fixture_disabled = lambda: memoryview(b"")  # any context manager
        config: Any = SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin=plugins.get))
        with progress(config, "test_validation[io-n=64]", 10_000, 42.0) as told:
            told(2500)
        return screen.getvalue()

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    assert "test_validation[io-n=64]: 10 s of model time, about 42 s" in shown(isatty=True)
    assert shown(isatty=False) == ""


def test_traces_are_kept_without_pickles_under_a_plain_name(tmp_path):
    record = Record(model="io", rtf=0.5)
    path = long.keep_traces(tmp_path / "traces", "test_stress[io/../n=64]", record, run_mv=np.ones((2, 3), np.float32))
    assert path.name == "test_stress-io-..-n=64.npz"
    with np.load(path, allow_pickle=False) as kept:
        np.testing.assert_array_equal(kept["run_mv"], np.ones((2, 3)))
    assert json.loads(path.with_suffix(".json").read_text()) == {"model": "io", "rtf": 0.5, "schema": 1}


def test_truth_is_computed_once_and_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(long_truth, "judges", lambda judged: [])
    network = build("hh", 4).rounded()
    first = LongTruths(Kept(tmp_path), silent).of(network, 3)
    np.testing.assert_array_equal(first.run.trace, BACKENDS[ORACLE].prepare(network).run(3).trace)
    monkeypatch.setattr(LongTruths, "_computed", None)
    again = LongTruths(Kept(tmp_path), silent).of(network, 3)
    assert (first.by, again.by) == (ORACLE, ORACLE)
    for name in ("state", "first", "trace", "spike_times"):
        np.testing.assert_array_equal(getattr(again.run, name), getattr(first.run, name))


def test_judge_that_disagrees_with_numpy_is_not_believed(monkeypatch):
    network = build("hh", 4).rounded()
    monkeypatch.setattr(long_truth, "AGREED_MS", 2)
    monkeypatch.setattr(long_truth, "judges", lambda judged: ["numpy-cpu-f32"])
    truths = LongTruths(Kept(None), silent)
    assert truths._judge(network, None) == ORACLE
    monkeypatch.setattr(long_truth, "judges", lambda judged: ["numpy-cpu-f32", ORACLE])
    assert truths._judge(network, None) == ORACLE
    monkeypatch.setattr(judges, "AGREED_MV", 1.0)
    assert truths._judge(network, None) == "numpy-cpu-f32"


def test_quick_rows_are_few_and_of_one_precision_a_library():
    chosen = Rows(kernels=("io",), sides=(4, 9, 20), quick=(4,), numpy=False)
    option = SimpleNamespace(side=None, coupling=None, quick=True, devices=None, processes=None)
    ids = [str(param.id) for param in chosen.params(option)]
    assert "io-connected-jax-cpu-f32-n=64" in ids
    assert not [i for i in ids if "numpy" in i or "jax-cpu-f64" in i or not i.endswith("n=64")]
