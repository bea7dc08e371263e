"""Whole sessions in a process of their own: what is selected, saved, refused and survived."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from neurochip_bench.keep.record import STANDARD

ROOT = Path(__file__).parents[2]
PROMPT = ["-p", "tests.helpers.prompt"]
LIF = ["tests/perf/test_run.py", "--side", "4", "-k", "lif and unconnected and numpy"]

SCALED = """
from neurochip_bench.backends.numpy_reference import NumpyProgram
run = NumpyProgram.run
def wrong(self, *arguments):
    result = run(self, *arguments)
    if self.dtype == "float32":
        factor = float("nan") if self.network.connected else 1.001
        result.trace, result.state = result.trace * factor, result.state * factor
    return result
NumpyProgram.run = wrong
"""
WRONG_ONCE = """
from neurochip_bench.suite.timing import judge
judge.word = lambda evidence: "steady"  # whatever else runs here: five rounds, and no more
from neurochip_bench.backends.numpy_reference import NumpyProgram
run, calls = NumpyProgram.run, []
def wrong(self, *arguments):
    result = run(self, *arguments)
    calls.append(self.dtype == "float32")
    if self.dtype == "float32" and sum(calls) == CALL:
        result.trace, result.state = result.trace * 1.001, result.state * 1.001
    return result
NumpyProgram.run = wrong
"""
RAISING = """
from neurochip_bench.backends.numpy_reference import NumpyProgram
advance, calls = NumpyProgram._advance, []
def wrong(self, *arguments):
    calls.append(self.dtype == "float32")
    if sum(calls) > AFTER:
        raise ERROR("planted")
    return advance(self, *arguments)
NumpyProgram._advance = wrong
"""
CONTENDED = """
from neurochip_bench.suite.timing import judge
judge.word = lambda evidence: "contended"
"""
NO_TENSORFLOW = """
import importlib.util
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "tensorflow" else find_spec(name, *rest)
"""
NOTHING_HEAVY = """
import sys
def pytest_sessionfinish(session):
    print("imported:", [name for name in ("tensorflow", "jax", "onnxruntime") if name in sys.modules])
"""


@pytest.fixture
def session(tmp_path):
    """Runs pytest on the project, with a plugin if there is one; returns (exit code, output, saved file).

    Rows have one round, see `tests.helpers.prompt`, unless all five are asked for.
    """

    def run(*arguments, plugin="", five=False):
        (tmp_path / "planted.py").write_text(plugin)
        command = [sys.executable, "-m", "pytest", "-p", "planted", "-p", "no:cacheprovider", "--color=no", *arguments]
        command += [] if five else PROMPT
        storage = ["--benchmark-storage", f"file://{tmp_path / 'saved'}"]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "120"}
        options: dict[str, Any] = {"cwd": ROOT, "env": environment, "capture_output": True, "text": True}
        done = subprocess.run([*command, *storage], **options)
        saved = sorted(tmp_path.glob("saved/*/*.json"))
        return done.returncode, done.stdout + done.stderr, strict_json(saved[-1]) if saved else None

    return run


def strict_json(path):
    def refuse(constant):
        raise AssertionError(f"{path.name} holds {constant}")

    return json.loads(path.read_text(), parse_constant=refuse)


def by_name(saved):
    return {benchmark["name"]: benchmark["extra_info"] for benchmark in saved["benchmarks"]}


def test_saved_run_has_the_whole_record_and_compares(session, tmp_path):
    code, output, saved = session(*LIF, "--benchmark-save=x")
    assert code == 0, output
    info = by_name(saved)["test_run[lif-unconnected-numpy-cpu-f64-n=64]"]
    assert set(info) == set(STANDARD)
    assert (info["verdict"], info["cells"], info["judged_ms"]) == ("faithful", 64, 100)
    assert (info["judged_by"], info["own_yardsticks"]) == ("numpy-cpu-f64", False)
    assert info["rtf"] > 0
    assert info["peak_memory_mb"] is None or info["peak_memory_mb"] > 10
    assert info["compile_s"] >= 0
    assert "fast and right" in output
    assert "Largest network that is right" in output
    (file,) = tmp_path.glob("saved/*/*.json")
    files = [str(file), shutil.copy(file, tmp_path / "0002_y.json")]
    done = subprocess.run([sys.executable, "-m", "pytest_benchmark", "compare", *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("test_run[lif-unconnected-numpy-cpu-f64-n=64]") >= 2


def test_wrong_result_fails_and_is_kept_and_marked(session):
    rows = ["tests/perf/test_run.py::test_run", "--side", "4", "-k", "lif and numpy"]
    code, output, saved = session(*rows, "--benchmark-save=x", plugin=SCALED)
    assert code == 1, output
    verdicts = {name: info["verdict"] for name, info in by_name(saved).items()}
    for connectivity in ("connected", "unconnected"):
        assert verdicts[f"test_run[lif-{connectivity}-numpy-cpu-f32-n=64]"] == "unusable"
        assert verdicts[f"test_run[lif-{connectivity}-numpy-cpu-f64-n=64]"] == "faithful"
        assert f"unusable: lif {connectivity} 64 cells on numpy-cpu-f32" in output


@pytest.mark.parametrize(("call", "code"), [(5, 0), (6, 1)])
def test_last_timed_round_is_the_one_that_is_judged(session, call, code):
    arguments = ["tests/perf/test_run.py::test_run", *LIF[1:]]  # one run to warm up, five rounds
    assert session(*arguments, plugin=WRONG_ONCE.replace("CALL", str(call)), five=True)[0] == code


def test_contended_rows_are_timed_again_marked_and_fail_where_steady_ones_are_required(session):
    rows = [*LIF[:3], "-k", "lif and unconnected and numpy-cpu-f32", "--require", "steady", "--benchmark-save=x"]
    code, text, saved = session(*rows, plugin=CONTENDED, five=True)
    assert code == 1
    assert "--require steady: rows not steady: 2" in text
    assert "Times that may be another's doing, 2 of 2" in text
    assert "~: noisy or contended" in text
    run, once = (next(b for b in saved["benchmarks"] if b["name"].startswith(name)) for name in ("test_run", "test_p"))
    assert [run["extra_info"]["attempts"], len(run["stats"]["data"])] == [3, 5]
    assert [once["extra_info"]["attempts"], once["extra_info"]["timing"]] == [1, "contended"]
    assert run["extra_info"]["rtf"] == 10 * min(run["stats"]["data"])  # of the rounds that are kept


def test_accuracy_is_checked_where_timing_is_disabled(session):
    rows = ["tests/perf/test_run.py::test_run", *LIF[1:]]
    code, output, _ = session(*rows, "--benchmark-disable", plugin=SCALED)
    assert code == 1
    assert "1 failed, 1 passed" in output
    assert "unusable: lif unconnected 64 cells on numpy-cpu-f32" in output


@pytest.mark.parametrize(
    ("error", "code", "after"),
    [("KeyboardInterrupt", 2, 7), ("RuntimeError", 1, 7)],
    ids=["timing", "crashing"],
)
def test_interrupted_run_keeps_the_finished_rows(session, error, code, after):
    plugin = RAISING.replace("ERROR", error).replace("AFTER", str(after))
    arguments = ["tests/perf/test_run.py::test_run", *LIF[1:], "--benchmark-save=x"]
    found, output, saved = session(*arguments, plugin=plugin, five=True)
    assert found == code, output
    verdicts = {name: info["verdict"] for name, info in by_name(saved).items()}
    assert verdicts.pop("test_run[lif-unconnected-numpy-cpu-f64-n=64]") == "faithful"
    assert set(verdicts.values()) <= {"unjudged"}


def test_run_in_which_every_row_is_skipped_says_why_and_saves_nothing(session):
    code, output, saved = session("tests/perf/test_run.py", "-m", "groq", "-k", "lif", "--side=4", "--benchmark-save=x")
    assert (code, saved) == (0, None), output
    assert "Groq's runtime is not installed" in output
    assert "Traceback" not in output


def test_what_was_required_and_is_absent_is_an_error_with_its_reason(session):
    absent = ("tpu", "ipu", "groq", "tensorflow-cpu-f32")
    code, output, _ = session(*(word for name in absent for word in ("--require", name)), plugin=NO_TENSORFLOW)
    assert code == 5
    assert all(f"{name} was required, but" in output for name in absent)


@pytest.mark.skipif(importlib.util.find_spec("onnxruntime") is None, reason="the stand-in runs by onnxruntime")
def test_row_of_a_stand_in_says_so_and_has_the_workers_time(session):
    selected = ["tests/perf/test_run.py::test_run", "--side", "4", "-m", "groq and lif and unconnected"]
    code, output, saved = session("-p", "tests.helpers.standins", *selected, "--benchmark-save=x")
    assert code == 0, output
    name = "test_run[lif-unconnected-groq-groqchip-f32-n=64]"
    info = by_name(saved)[name]
    assert (info["device"], info["verdict"], info["form"]) == ("stand-in", "faithful", "calls")
    assert info["peak_memory_mb"] is None  # this process's would say nothing of the worker's
    assert "rows ran on a stand-in for a chip: not ranked" in output
    assert "fastest right backend" not in output
    (options,) = {benchmark["options"]["timer"] for benchmark in saved["benchmarks"]}
    assert options.endswith("clock")


def test_bad_option_is_a_usage_error(session):
    code, output, _ = session("--collect-only", "--side", "3")
    assert code == 4
    assert "expected whole numbers from 4, or 'paper'" in output


def test_everything_else_runs_without_tensorflow(session):
    rows = "test_run and lif and unconnected and not f64"
    code, output, _ = session(*LIF[:3], "-k", rows, "--benchmark-disable", "-rs", plugin=NO_TENSORFLOW)
    assert code == 0, output
    assert "TensorFlow is not installed" in output
    assert "passed" in output


def test_plain_run_leaves_benchmarks_out_and_says_so_and_its_collection_imports_no_library(session):
    code, output, _ = session("--collect-only", "-q", plugin=NOTHING_HEAVY)
    assert code == 0, output
    assert "imported: []" in output
    assert not any(line.startswith("tests/perf/") for line in output.splitlines())
    assert "benchmarks (ask with -m cpu" in output


@pytest.mark.parametrize(
    ("expression", "inside", "outside"),
    [
        ("cpu", "test_run[io-connected-tensorflow-cpu-f32-n=729]", "unrolled"),
        ("cpu and lif and connected", "test_run[lif-connected-numpy-cpu-f64-n=64]", "unconnected"),
        ("slow", "test_unrolled", "test_run["),
        ("scaling and not gpu", "test_scaling[io-unconnected-jax-cpu-f32-n=27000]", "test_run["),
        ("experiment", "test_stress[io-connected-jax-cpu-f32-n=64]", "test_run["),
    ],
)
def test_markers_select_what_they_say(session, expression, inside, outside):
    code, output, _ = session("--collect-only", "-q", "-m", expression, "tests/perf")
    assert code == 0
    assert inside in output
    assert outside not in output
