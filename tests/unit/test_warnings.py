"""Which warnings end a session: our own; what pytest's plugins warn of stays a warning."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.helpers.documents import ROOT
from tests.helpers.sessions import BENCHMARK, LIGHT

MACHINE = "def pytest_benchmark_generate_machine_info():\n    return {'cpu': {'hz_actual': [2, 0]}}\n"
TIMED = "def test_timed(benchmark):\n    benchmark.pedantic(int)\n"
OURS = """
import gc, threading, warnings

class Bad:
    def __del__(self):
        raise ValueError

def fail():
    raise ValueError

def test_warns():
    warnings.warn("ours")

def test_raises_where_nobody_hears_it():
    Bad()
    gc.collect()

def test_raises_in_a_thread():
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
"""
UNCOLLECTED = """
class TestIt:
    def __init__(self):
        pass

    def test_it(self):
        pass
"""
OTHERS = """
import pytest, warnings

class OwnWarning(pytest.PytestWarning):
    pass

def pytest_runtest_call(item):
    warnings.warn("another's, known by its module")
    warnings.warn_explicit(OwnWarning("another's, known by its kind"), None, str(item.path), 1)
"""


def session(folder, *arguments):
    """A session in a folder by this project's settings, of whose plugins it has one."""
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pytest.ini"), f"--rootdir={folder}", "--color=no"]
    command += ["-p", "no:cacheprovider", "--benchmark-quiet", str(folder), *arguments]
    plugins = {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}",
        "PYTEST_PLUGINS": f"{BENCHMARK},neurochip_bench.keep.writing",
    }
    environment = {**os.environ, **LIGHT, **plugins}
    return subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=120
    )


def test_benchmark_compare_with_nothing_saved_and_what_another_s_plugin_warns_of_are_warnings(tmp_path):
    (tmp_path / "pytest_another.py").write_text(OTHERS)
    (tmp_path / "test_timed.py").write_text(TIMED)
    ran = session(tmp_path, "--benchmark-compare", "-p", "pytest_another")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Can't compare. No benchmark files in" in ran.stdout + ran.stderr
    assert "UserWarning: another's, known by its module" in ran.stdout
    assert "OwnWarning: another's, known by its kind" in ran.stdout


def test_benchmark_compare_with_another_machine_is_a_warning(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_timed.py").write_text(TIMED)
    (tmp_path / "tests" / "conftest.py").write_text(MACHINE)
    storage = tmp_path / "storage"  # not below the working directory, where pytest-benchmark fails by itself
    (storage / "machine").mkdir(parents=True)
    run = {"machine_info": {"cpu": {"hz_actual": [1, 0]}}, "benchmarks": []}
    (storage / "machine" / "0001_x.json").write_text(json.dumps(run))
    ran = session(tmp_path / "tests", "--benchmark-compare=*/0001", f"--benchmark-storage={storage}")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Benchmark machine_info is different" in ran.stdout + ran.stderr


def test_warning_of_our_own_is_an_error(tmp_path):
    (tmp_path / "test_ours.py").write_text(OURS)
    (tmp_path / "test_uncollected.py").write_text(UNCOLLECTED)
    ran = session(tmp_path, "--continue-on-collection-errors")
    assert "3 failed, 1 error" in ran.stdout, ran.stdout + ran.stderr
