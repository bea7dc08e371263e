"""Whole sessions in a process of their own: what is selected, saved, refused and survived."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

from neurochip_bench.keep.record import STANDARD
from neurochip_bench.suite import plugin as policy
from neurochip_bench.suite import presence
from tests.helpers.collected import IMPORTED
from tests.helpers.sessions import BENCHMARK, NO_SEARCH, ROOT, RUN, TELLING, environment, ran, short, told

# Each row has another fault. A program runs seven times: to warm up, and two rounds, thrice since they are contended.
FAULTS = """
from neurochip_bench.backends.numpy_reference import NumpyProgram
from neurochip_bench.suite.timing import judge
judge.word = lambda evidence: "contended"
run = NumpyProgram.run
LAST, WRONG, NOT_A_NUMBER, CRASHED = 7, ("lif", False), ("hh", False), ("hh", True)
def faulty(self, *arguments):
    result, row = run(self, *arguments), (self.network.kernel, self.network.connected)
    self.calls = getattr(self, "calls", 0) + 1
    if self.dtype != "float32":
        return result
    if row == CRASHED and self.calls == 3:
        raise RuntimeError("planted")
    factor = float("nan") if row == NOT_A_NUMBER else 1.001 if self.calls == LAST - (row != WRONG) else 1.0
    result.trace, result.state = result.trace * factor, result.state * factor
    return result
NumpyProgram.run = faulty
def pytest_cmdline_main():
    from neurochip_bench.suite.row import Row
    from neurochip_bench.suite.timing import rounds
    Row.rounds, rounds.ATTEMPTS = 2, 3
"""
SCALED = """
from neurochip_bench.backends.numpy_reference import NumpyProgram
run = NumpyProgram.run
def wrong(self, *arguments):
    result = run(self, *arguments)
    if self.dtype == "float32":
        result.trace, result.state = result.trace * 1.001, result.state * 1.001
    return result
NumpyProgram.run = wrong
"""
NO_TENSORFLOW = """
import importlib.util
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "tensorflow" else find_spec(name, *rest)
"""
COLLECTING = """
import json, sys, pytest
for arguments in json.loads(sys.argv[1]):
    print("session:", flush=True)
    print("ended with", int(pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *arguments])), flush=True)
print("imported:", [name for name in ("tensorflow", "jax", "onnxruntime", "numba") if name in sys.modules])
"""


def strict_json(path):
    def refuse(constant):
        raise AssertionError(f"{path.name} holds {constant}")

    return json.loads(path.read_text(), parse_constant=refuse)


def of_file(folder):
    """The rows of the one run that is saved below a folder, by test and short name."""
    (path,) = folder.glob("saved/*/*.json")
    saved = strict_json(path)
    return {
        (row["name"].partition("[")[0], short(row["name"])): row for row in (*saved["benchmarks"], *saved["failures"])
    }


def test_saved_run_has_the_whole_record_and_compares(tmp_path):
    """With all plugins that are installed, and rows as everybody has them, but timed once whatever else runs here."""
    once = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTEST_PLUGINS": "once"}
    (tmp_path / "once.py").write_text("from neurochip_bench.suite.timing import rounds\nrounds.ATTEMPTS = 1\n")
    rows = [RUN, "--side=4", "-k", "lif and unconnected and numpy-cpu-f64", "-p", "no:cacheprovider"]
    saving = ["--benchmark-save=x", f"--benchmark-storage={tmp_path / 'saved'}", "--color=no"]
    command = [sys.executable, "-m", "pytest", *rows, *saving]
    done = subprocess.run(command, cwd=ROOT, env=once, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    info = of_file(tmp_path)["test_run", "lif-unconnected-numpy-cpu-f64"]["extra_info"]
    assert set(info) == set(STANDARD)
    assert (info["verdict"], info["cells"], info["judged_ms"]) == ("faithful", 64, 100)
    assert (info["judged_by"], info["own_yardsticks"]) == ("numpy-cpu-f64", False)
    assert info["rtf"] > 0
    assert info["peak_memory_mb"] is None or info["peak_memory_mb"] > 10
    assert info["compile_s"] >= 0
    assert "fast and right" in done.stdout
    assert "Largest network that is right" in done.stdout
    (file,) = tmp_path.glob("saved/*/*.json")
    files = [str(file), shutil.copy(file, tmp_path / "0002_y.json")]
    done = subprocess.run([sys.executable, "-m", "pytest_benchmark", "compare", *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("test_run[lif-unconnected-numpy-cpu-f64-n=64]") >= 2


def test_last_timed_round_is_the_one_that_is_judged_and_faults_are_kept_and_marked(tmp_path):
    selected = "numpy and (test_run or lif) and ((lif and f32) or (lif and unconnected) or (hh and f32))"
    rows = ["tests/perf/test_run.py", "-k", selected, "--require", "steady"]
    code, output = ran(tmp_path, *rows, plugin=FAULTS)
    assert code == 1, output
    found = of_file(tmp_path)
    verdicts = {name: row["extra_info"]["verdict"] for (test, name), row in found.items() if test == "test_run"}
    assert verdicts == {
        "lif-unconnected-numpy-cpu-f64": "faithful",
        "lif-unconnected-numpy-cpu-f32": "unusable",  # its last round was wrong
        "lif-connected-numpy-cpu-f32": "faithful",  # the one before was
        "hh-unconnected-numpy-cpu-f32": "unusable",
        "hh-connected-numpy-cpu-f32": "unjudged",
    }
    assert found["test_run", "hh-connected-numpy-cpu-f32"]["reason"] == "RuntimeError: planted"
    for kernel in ("lif", "hh"):
        assert f"unusable: {kernel} unconnected 64 cells on numpy-cpu-f32" in output
    timed = len([row for row in found.values() if "stats" in row])
    assert f"--require steady: rows not steady: {timed}" in output
    assert f"Times that may be another's doing, {timed} of {timed}" in output
    assert "~: noisy or contended" in output
    run, once = (found[test, "lif-connected-numpy-cpu-f32"] for test in ("test_run", "test_prepare"))
    assert [run["extra_info"]["attempts"], len(run["stats"]["data"])] == [3, 2]
    assert [once["extra_info"]["attempts"], once["extra_info"]["timing"]] == [1, "contended"]
    assert run["extra_info"]["rtf"] == 200 * min(run["stats"]["data"])  # of the rounds that are kept


@pytest.mark.slow  # two whole sessions: two seconds
def test_accuracy_is_checked_where_timing_is_disabled_and_all_but_tensorflow_runs_without_it(tmp_path):
    backends = [name for name in ("jax", "onnxruntime") if importlib.util.find_spec(name)]
    of = " or ".join(("tensorflow-cpu-f32", "numpy", *(f"{name}-cpu-f32" for name in backends)))
    rows = [RUN, "-k", f"lif and unconnected and ({of})", "--benchmark-disable", "-rs"]
    code, output = ran(tmp_path, *rows, plugin=NO_TENSORFLOW + SCALED, save=False)
    assert code == 1, output
    assert f"1 failed, {1 + len(backends)} passed, 1 skipped" in output
    assert "unusable: lif unconnected 64 cells on numpy-cpu-f32" in output
    assert "TensorFlow is not installed" in output


def test_what_was_required_and_is_absent_ends_the_session_with_its_reason(monkeypatch):
    known = presence.missing
    monkeypatch.setattr(presence, "missing", lambda name: "it is not" if "tensorflow" in name else known(name))
    absent = ["tpu", "ipu", "groq", "tensorflow-cpu-f32"]
    session = SimpleNamespace(config=SimpleNamespace(option=SimpleNamespace(require=absent)))
    with pytest.raises(pytest.exit.Exception) as ended:
        policy.pytest_sessionstart(session)
    assert ended.value.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert all(f"{name} was required, but" in str(ended.value) for name in absent)
    session.config.option.require = ["numpy-cpu-f64"]
    policy.pytest_sessionstart(session)


@pytest.mark.slow  # a whole session: two seconds
@pytest.mark.skipif(importlib.util.find_spec("onnxruntime") is None, reason="the stand-in runs by onnxruntime")
def test_row_of_a_stand_in_says_so_and_has_the_workers_time(tmp_path):
    plugin = "from tests.helpers.standins import pytest_configure\n" + TELLING
    rows = [RUN, "-m", "groq and lif and unconnected"]
    code, output = ran(tmp_path, *rows, plugin=plugin, save=False)
    assert code == 0, output
    info = told(output)["test_run[lif-unconnected-groq-groqchip-f32-n=64]"]
    assert (info["device"], info["verdict"], info["form"]) == ("stand-in", "faithful", "calls")
    assert info["peak_memory_mb"] is None  # this process's would say nothing of the worker's
    assert "rows ran on a stand-in for a chip: not ranked" in output
    assert "fastest right backend" not in output
    assert "timers: clock" in output


SELECTED = {
    "cpu": ("test_run[io-connected-tensorflow-cpu-f32-n=729]", "unrolled"),
    "cpu and lif and connected": ("test_run[lif-connected-numpy-cpu-f64-n=64]", "unconnected"),
    "slow": ("test_unrolled", "test_run["),
    "scaling and not gpu": ("test_scaling[io-unconnected-jax-cpu-f32-n=27000]", "test_run["),
    "experiment": ("test_stress[io-connected-jax-cpu-f32-n=64]", "test_run["),
}


@pytest.mark.slow  # six collections: two seconds
def test_markers_select_what_they_say_and_a_plain_run_leaves_benchmarks_out_and_imports_no_library(tmp_path):
    """Sessions one after the other in one process."""
    plain = ["tests", "--ignore=tests/unit", "--ignore=tests/accuracy"]
    asked = [plain, *(["-m", expression, "tests/perf"] for expression in SELECTED)]
    command = [sys.executable, "-c", COLLECTING, json.dumps([[*NO_SEARCH, *arguments] for arguments in asked])]
    variables = {**environment(tmp_path), "PYTEST_PLUGINS": BENCHMARK}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    _, first, *others = done.stdout.split("session:\n")
    assert "[" not in first
    assert [output.count("ended with 0") for output in (first, *others)] == [0, *(1 for _ in SELECTED)]
    assert "benchmarks (ask with -m cpu" in first
    for (inside, outside), output in zip(SELECTED.values(), others):
        assert inside in output
        assert outside not in output
    assert "imported: []" in done.stdout


def test_collection_of_all_that_runs_here_imported_no_library(pytestconfig):
    assert pytestconfig.stash[IMPORTED] == []
