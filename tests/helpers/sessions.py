"""pytest sessions of this project in processes of their own, as short as they can be: to see what becomes of all of it.

Of the plugins that are installed they have pytest-benchmark alone; rows are those of `PROMPT`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from neurochip_bench.suite.alone import OF_WORKERS

ROOT = Path(__file__).parents[2]
RUN = "tests/perf/test_run.py::test_run"
BENCHMARK, PROMPT, PLANTED = "pytest_benchmark.plugin", "tests.helpers.prompt", "planted"
LIGHT = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": BENCHMARK, "COLUMNS": "120"}
NAMED = {"PYTEST_PLUGINS": f"{BENCHMARK},{PROMPT},{PLANTED}"}  # which by -p would be looked for everywhere
NO_SEARCH = ["-p", "no:unraisableexception"]  # of pytest's, for garbage: ten times through all that was ever imported
QUICK = ["-p", "no:cacheprovider", *NO_SEARCH, "--color=no"]
# Part of a plugin: says by which clocks a session timed, and its records, which one that is not saved keeps to itself.
TELLING = """
import json
def pytest_terminal_summary(terminalreporter, config):
    from neurochip_bench.keep.tries import RECORDS
    timed = {row.options["timer"].__name__ for row in config._benchmarksession.benchmarks}
    terminalreporter.write_line(f"timers: {', '.join(timed)}")
    terminalreporter.write_line(f"records: {json.dumps(config.stash[RECORDS])}")
"""


def told(output: str) -> dict[str, dict[str, Any]]:
    """The records of a session with `TELLING` by the names of rows, from what it printed."""
    (line,) = (line for line in output.splitlines() if line.startswith("records: "))
    return {key.rpartition("::")[2]: record for key, record in json.loads(line.partition(" ")[2]).items()}


def short(name: str) -> str:
    """What a row's name says beside its test and its size: kernel, connectivity and backend."""
    return name.partition("[")[2].partition("-n=")[0]


def inline(patch: pytest.MonkeyPatch) -> None:
    """Let sessions in this process have that one plugin too, and be no workers of pytest-xdist, whatever runs it."""
    for name in OF_WORKERS:
        patch.delenv(name, raising=False)
    for name, value in LIGHT.items():
        patch.setenv(name, value)


def environment(folder: Path, plugin: str = "", **changes: str) -> dict[str, str]:
    """The environment of a session, whose `planted` is a plugin that is written into a folder."""
    (folder / f"{PLANTED}.py").write_text(plugin)
    return {**os.environ, **LIGHT, **NAMED, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}", **changes}


def command(*arguments: str, folder: Path | None = None) -> list[str]:
    """The command of a session with a plugin `planted`; it is saved as `x` below a folder where one is given."""
    saving = ["--benchmark-save=x", f"--benchmark-storage={folder / 'saved'}"] if folder else []
    size = [] if "--network" in arguments else ["--side=4"]
    return [sys.executable, "-m", "pytest", *QUICK, *size, *arguments, *saving]


def start(folder: Path, *arguments: str, plugin: str = "", save: bool = True, **options: Any) -> subprocess.Popen[str]:
    """Start a session, which is saved below a folder unless it is not to be; `options` are those of Popen."""
    settings: dict[str, Any] = {"cwd": ROOT, "env": environment(folder, plugin), "text": True}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command(*arguments, folder=folder if save else None), **{**settings, **pipes, **options})


def ran(folder: Path, *arguments: str, **options: Any) -> tuple[int, str]:
    """The exit code of a session, and what it printed."""
    session = start(folder, *arguments, **options)
    output, _ = session.communicate(timeout=200)
    return session.returncode, output


def cases(path: Path) -> list[tuple[str | None, dict[str | None, str | None], list[str | None]]]:
    """Each test case of a JUnit file: (name, properties, messages of failures)."""
    found = []
    for case in ElementTree.parse(path).iter("testcase"):
        said = {node.get("name"): node.get("value") for node in case.iter("property")}
        found.append((case.get("name"), said, [node.get("message") for node in case.iter("failure")]))
    return found
