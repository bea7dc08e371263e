"""The workflows that users get: they parse, and what they call is there."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from model.compare.__main__ import parser

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request):
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    return yaml.safe_load(request.param.read_text())


def test_there_is_one_for_accuracy_and_one_for_benchmarks():
    assert [path.stem for path in WORKFLOWS] == ["accuracy", "benchmark"]


def test_each_job_has_a_time_limit_and_steps_that_do_something(workflow):
    assert workflow["permissions"]["contents"] == "read"
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 90
        assert all(("uses" in step) != ("run" in step) for step in job["steps"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_and_environments_and_options_exist(path):
    text = path.read_text()
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", name) for name in re.findall(r"uses: (\S+)", text))
    environments = configparser.ConfigParser(interpolation=None)
    environments.read(ROOT / "tox.ini")
    named = {name for group in re.findall(r"tox -e ([\w,]+)", text) for name in group.split(",")}
    assert named
    assert all(f"testenv:{name}" in environments for name in named)
    called = " ".join(re.findall(r"^ +compare( --.*)$", text, re.MULTILINE))
    assert set(re.findall(r"--[\w-]+", called)) <= set(parser().format_help().split())
