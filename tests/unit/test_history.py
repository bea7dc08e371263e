"""The history of made-up runs: a step is marked at its commit, noise is not; machines and verdicts are told apart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from model.network import build
from neurochip_bench import backends
from neurochip_bench.keep.facts import blank
from neurochip_bench.keep.words import TRACES
from neurochip_bench.report.history import series, steps, text
from neurochip_bench.suite.long import keep_traces
from tests.helpers.commands import report as main
from tests.helpers.saved_runs import save, timed

BACKENDS = ("jax-cpu-f32", "numpy-cpu-f64", "tensorflow-cpu-f32")
NAMES = [f"{model}-connected-{backend}-n=64" for model in ("io", "lif") for backend in BACKENDS]
RUNS = 20


def commit(number):
    return f"{number:07x}" + "0" * 33


def made(folder, slow=None, sd=0.05, seed=1, count=RUNS, since=0, drift=None, **machine):
    """Nights of six rows: `slow` gives a backend's (first night, factor), `drift` that of all."""
    rng = np.random.default_rng(seed)
    for night in range(since, count):
        rows = []
        for name in NAMES:
            backend = name.partition("connected-")[2].rpartition("-n=")[0]
            first, factor = (slow or {}).get(backend, (count, 1.0))
            everybody, all_slow = drift or (count, 1.0)
            version = "1.1" if night >= first else "1.0"
            best = 0.01 * factor ** (night >= first) * all_slow ** (night >= everybody) * math.exp(rng.normal(0.0, sd))
            rows.append(timed(name, (best, 1.02 * best, 1.1 * best), library_version=version, timing="steady"))
        save(folder / str(night) / "run.json", rows, day=night + 1, commit=commit(night), **machine)
    return folder


def stepped(folder):
    """{backend: {night: number of rows}} of a folder's steps."""
    found: dict[str, dict[int, int]] = {}
    for step in steps.steps(series.read(folder)):
        nights = found.setdefault(str(step.series.last.backend), {})
        nights[step.at.run] = nights.get(step.at.run, 0) + 1
    return found


@pytest.mark.parametrize("night", [6, 12, 16])
def test_step_of_1_5_is_marked_at_its_commit_and_nowhere_else(tmp_path, night):
    history = series.read(made(tmp_path, {"jax-cpu-f32": (night, 1.5)}))
    found = steps.steps(history)
    assert [(step.at.run, step.series.last.backend, step.slower) for step in found] == [
        (night, "jax-cpu-f32", True)
    ] * 2
    for step in found:
        middle, low, high = step.ratio
        assert low < middle < high
        assert middle == pytest.approx(1.5, rel=0.1)
    said = "\n".join(text.said(history, found))
    before = f"commit {commit(night)[:10]} (before: {commit(night - 1)[:10]}), jax 1.0 → jax 1.1: jax-cpu-f32, rows: 2"
    assert before in said


@pytest.mark.parametrize("sd", [0.03, 0.12, 0.3])
@pytest.mark.parametrize("seed", [2, 3])
def test_noise_is_no_step(tmp_path, sd, seed):
    assert stepped(made(tmp_path, sd=sd, seed=seed)) == {}


@pytest.mark.parametrize("nights", [4, 8])
def test_slow_down_that_is_mended_is_two_steps(tmp_path, nights):
    made(tmp_path, {"jax-cpu-f32": (10, 2.0)}, count=10 + nights)
    made(tmp_path, seed=2, count=30, since=10 + nights)
    assert stepped(tmp_path) == {"jax-cpu-f32": {10: 2, 10 + nights: 2}}


def test_one_slow_night_is_no_step(tmp_path):
    made(tmp_path, {"jax-cpu-f32": (10, 3.0)}, count=11)
    made(tmp_path, seed=2, since=11)
    assert stepped(tmp_path) == {}


def test_what_slows_all_libraries_alike_is_the_machines(tmp_path):
    assert stepped(made(tmp_path, drift=(10, 1.5))) == {}


def test_two_machines_are_two_series_and_their_difference_no_step(tmp_path):
    made(tmp_path / "a", count=10, node="runner-1")
    made(tmp_path / "b", dict.fromkeys(BACKENDS, (0, 3.0)), count=10, cores=8)
    history = series.read(tmp_path)
    assert [machine.title for machine in history.machines] == ["A: Made-up CPU, 2 cores", "B: Made-up CPU, 8 cores"]
    assert len(history.series) == 2 * len(NAMES)
    assert steps.steps(history) == []


def test_runner_of_another_name_each_night_is_one_machine(tmp_path):
    for night in range(4):
        save(tmp_path / f"{night}.json", [timed()], day=night + 1, node=f"runner-{night}")
    assert len(series.read(tmp_path).machines) == 1


def test_times_that_are_not_right_or_not_their_own_count_for_no_step(tmp_path):
    for night in range(RUNS):
        wrong = {"verdict": "unusable"} if night in (4, 5, 6) else {"timing": "contended"} if night > 16 else {}
        row = timed(seconds=[0.01 if not wrong else 1.0] * 5, **wrong)
        save(tmp_path / f"{night:02}.json", [row, timed("io-connected-numpy-cpu-f64-n=64")], day=night + 1)
    history = series.read(tmp_path)
    assert steps.steps(history) == []
    turns = [(turn.at.run, turn.before.saved.word, turn.at.saved.word) for turn in text.turned(history)]
    assert turns == [(4, "faithful", "unusable"), (7, "unusable", "faithful")]


def test_command_says_and_draws_it(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    made(tmp_path / "runs", {"jax-cpu-f32": (12, 1.5)})
    (tmp_path / "runs" / "other.json").write_text("{}")
    assert main(["--history", tmp_path / "runs", "-o", tmp_path / "out"]) == 4
    out, error = capsys.readouterr()
    assert out.startswith(
        "20 runs of 1 machine, 2026-01-01 to 2026-01-20: 6 rows with a time.\n2026-01-13 03:04, commit"
    )
    assert "times as long" in out
    assert "other.json: has no list of benchmarks" in error
    page = (tmp_path / "out" / "history.html").read_text()
    assert page.count("<svg") == 2
    assert "slower, 1.5" in page
    assert "<script" not in page
    assert len(list((tmp_path / "out" / "figures").glob("*.png"))) == 2


@pytest.mark.parametrize("arguments", [[], ["run.json", "--history", "runs"]])
def test_runs_or_a_history_are_asked_for(arguments, capsys):
    assert main(arguments) == 4
    assert "expected saved runs RUN.json..., or --history FOLDER" in capsys.readouterr().err


def test_traces_of_long_rows_beside_the_runs_are_no_runs(tmp_path):
    made(tmp_path, count=3)
    path = keep_traces(
        tmp_path / TRACES / "cpu-experiments-1a",
        "test_stress",
        blank(build("io", 4), backends.BACKENDS[backends.ORACLE]),
    )
    assert path.with_suffix(".json").exists()
    history = series.read(tmp_path)
    assert (len(history.runs), history.troubles) == (3, [])


def test_folder_without_runs_is_refused(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    assert main(["--history", tmp_path]) == 4
    assert "no saved run below it has a time" in capsys.readouterr().err
