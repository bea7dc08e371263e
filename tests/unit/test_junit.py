"""JUnit's file: what a row's entry says, and that rows of a process that died are in it, once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from neurochip_bench.keep import junit

ROOT = Path(__file__).parents[2]
DYING = """
import os
from neurochip_bench.backends.numpy_reference import NumpyProgram
run = NumpyProgram.run
def dying(self, *arguments):
    if self.network.connected and self.dtype == "float32":
        os._exit(0)
    return run(self, *arguments)
NumpyProgram.run = dying
"""


def entries(path):
    """Each test case of a file: (name, properties, messages of failures)."""
    found = []
    for case in ElementTree.parse(path).iter("testcase"):
        said = {node.get("name"): node.get("value") for node in case.iter("property")}
        found.append((case.get("name"), said, [node.get("message") for node in case.iter("failure")]))
    return found


def test_entry_says_verdict_and_times_and_a_row_that_died_is_there_once(tmp_path):
    (tmp_path / "planted.py").write_text(DYING)
    command = [sys.executable, "-m", "pytest", "-p", "planted", "-p", "no:cacheprovider", "--side=4", "-k"]
    command += ["lif and numpy", "tests/perf/test_run.py::test_run", "--benchmark-save=x"]
    command += ["-p", "tests.helpers.prompt"]
    command += ["--benchmark-storage", f"file://{tmp_path / 'saved'}", f"--junitxml={tmp_path / 'out.xml'}"]
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 1, done.stderr
    found = entries(tmp_path / "out.xml")
    assert len(found) == len({name for name, *_ in found}) == 4
    for name, said, failures in found:
        if "-connected-numpy-cpu-f32" in name and "unconnected" not in name:
            assert said == {"verdict": "unjudged"}
            assert failures == ["its process ended with exit code 0"]
        else:
            assert said["verdict"] == "faithful"
            assert float(said["rtf"]) == pytest.approx(float(said["ns_per_cell_step"]) * 64 * 40_000 * 1e-9, rel=1e-6)
            assert failures == []


def test_run_of_which_no_process_ended_has_a_file_of_what_is_known(tmp_path, pytestconfig, monkeypatch):
    path = tmp_path / "out.xml"
    monkeypatch.setattr(pytestconfig.option, "xmlpath", str(path))
    row = {
        "outcome": "passed",
        "entry": {"extra_info": {"verdict": "usable", "rtf": 0.5}},
        "reason": None,
        "seconds": 2,
    }
    lost = {"outcome": "failed", "entry": {"extra_info": {"verdict": "unjudged"}}, "reason": "its process was ended"}
    junit.write_file(
        pytestconfig, {"tests/perf/test_run.py::test_run[a]": row, "tests/perf/test_run.py::test_run[b]": lost}
    )
    assert entries(path) == [
        ("test_run[a]", {"verdict": "usable", "rtf": "0.5"}, []),
        ("test_run[b]", {"verdict": "unjudged"}, ["its process was ended"]),
    ]
    suite = ElementTree.parse(path).getroot().find("testsuite")
    assert [suite.get(name) for name in ("tests", "failures", "errors")] == ["2", "1", "0"]
    assert [case.get("time") for case in suite.iter("testcase")] == ["2.000", "0.000"]


def test_what_is_not_known_of_a_row_is_no_property():
    assert junit.properties_of({"verdict": None, "rtf": 0.1, "ns_per_cell_step": None, "cells": 64}) == [("rtf", 0.1)]
