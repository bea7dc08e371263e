"""Benchmarks run alone: what is refused beside pytest-xdist and its like, and what is not."""

from __future__ import annotations

import argparse
import configparser
import contextlib
import copy
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from neurochip_bench.keep import saving
from neurochip_bench.keep.child import JOURNAL, SUPERVISOR, Child
from neurochip_bench.suite import alone

ROOT = Path(__file__).parents[2]
TWO = {"numprocesses": 2}


def config(paths=("tests",), **options):
    """A session's configuration as far as it matters: its paths, and the options of pytest-xdist as it parses them."""
    defaults = {"markexpr": "", "benchmark_only": False, "benchmark_save": None, "benchmark_json": None}
    option = argparse.Namespace(**{**defaults, "benchmark_autosave": False, "dist": "no", "tx": [], **options})
    return SimpleNamespace(
        option=option,
        args=[str(ROOT / path) for path in paths],
        rootpath=ROOT,
        getoption=lambda name, default: getattr(option, name, default),
    )


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (TWO, "-n 2"),
        ({"numprocesses": "auto"}, "-n auto"),
        ({"distload": True, "tx": ["2*popen"]}, "--tx 2[*]popen"),
        ({"dist": "loadfile", "tx": ["ssh=elsewhere"]}, "--tx ssh=elsewhere"),
        ({"forked": True}, "--forked"),
        ({"looponfail": True}, "-f"),
    ],
)
def test_benchmarks_in_several_processes_are_refused_whatever_starts_them(options, word):
    with pytest.raises(pytest.UsageError, match=f"{word} with benchmarks: .* expected one process"):
        alone.pytest_cmdline_main(config(["tests/perf"], **options))


@pytest.mark.parametrize(
    ("paths", "options"),
    [
        (["tests/perf/test_run.py::test_run"], {}),
        (["tests/unit", "tests/perf/test_stress.py"], {}),
        (["tests"], {"markexpr": "cpu and lif"}),
        (["."], {"markexpr": "stress"}),
        (["."], {"benchmark_only": True}),
        (["tests"], {"benchmark_save": "x"}),
        (["tests"], {"benchmark_json": "x.json"}),
    ],
)
def test_benchmarks_are_asked_for_by_path_marker_or_a_saved_run(paths, options):
    with pytest.raises(pytest.UsageError):
        alone.pytest_cmdline_main(config(paths, **options, **TWO))
    alone.pytest_cmdline_main(config(paths, **options))


@pytest.mark.parametrize(
    ("paths", "options"),
    [
        (["tests"], TWO),
        (["tests"], {"markexpr": "not slow", **TWO}),
        (["tests/accuracy"], {"markexpr": "cpu", **TWO}),
        (["tests/unit/test_run.py"], TWO),
        (["tests/perf"], {"numprocesses": 0, "dist": "load", "tx": ["2*popen"]}),
        (["tests/perf"], {"tx": ["2*popen"]}),
        (["tests/perf"], {"collectonly": True, **TWO}),
        (["tests/perf"], {"benchmark_disable": True, **TWO}),
    ],
)
def test_tests_and_what_is_not_timed_may_run_in_parallel(paths, options):
    alone.pytest_cmdline_main(config(paths, **options))


def test_only_a_worker_keeps_what_marks_one(monkeypatch):
    for name in alone.OF_WORKERS:
        monkeypatch.setenv(name, "gw0")
    worker = config()
    worker.workerinput = {}
    alone.pytest_cmdline_main(worker)
    assert set(alone.OF_WORKERS) <= set(os.environ)
    alone.pytest_cmdline_main(config())
    assert not set(alone.OF_WORKERS) & set(os.environ)


def test_saved_run_in_several_processes_starts_none(tmp_path):
    pytest.importorskip("xdist")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/perf/test_run.py", "--side", "4"]
    command += ["--benchmark-save=x", "--benchmark-storage", f"file://{tmp_path / 'saved'}"]
    environment = {**os.environ, "PYTEST_ADDOPTS": "--numprocesses=auto"}
    run = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, process_group=0)
    try:
        _, error = run.communicate(timeout=60)
    finally:
        with contextlib.suppress(ProcessLookupError):  # what was started where it should not have been
            os.killpg(run.pid, signal.SIGKILL)
    assert (run.returncode, error.count("\n")) == (4, 2), error
    assert "-n auto with benchmarks" in error
    assert not (tmp_path / "saved").exists()


def test_two_processes_belong_to_the_unit_and_accuracy_tests_alone():
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    assert tox["testenv:tests"].pop("commands") == "python -m pytest {posargs:-n 2 --dist worksteal}"
    parallel = [name for name, section in tox.items() if re.search(r"(^| )-n ?\d", "\n".join(section.values()))]
    assert parallel == []
    assert not re.search(r"-n ?\d|numprocesses", (ROOT / "pytest.ini").read_text())


@pytest.fixture
def saving_config(pytestconfig, tmp_path):
    """The configuration of a session that is going to be saved."""
    option = copy.copy(pytestconfig.option)
    option.benchmark_save, option.benchmark_storage = "x", str(tmp_path)
    return SimpleNamespace(option=option, pluginmanager=pytestconfig.pluginmanager)


def test_supervisor_never_starts_under_another(saving_config, monkeypatch):
    monkeypatch.setenv(SUPERVISOR, "1")
    with pytest.raises(pytest.UsageError, match="a row of a run that is saved: expected one at a time"):
        saving.pytest_cmdline_main(saving_config)


def test_worker_supervises_nothing(saving_config):
    saving_config.workerinput = {}
    assert saving.pytest_cmdline_main(saving_config) is None


def test_process_that_inherits_the_marks_of_a_child_is_none_and_hands_nothing_on(monkeypatch, tmp_path):
    monkeypatch.setenv(SUPERVISOR, str(os.getpid()))  # this process's own id, and not its parent's
    monkeypatch.setenv(JOURNAL, str(tmp_path / "journal"))
    assert Child.of_environment() is None
    assert JOURNAL not in os.environ
