"""The workflows that users get: they parse, and what they call is there."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.resolve import PYTHONS

GH = """#!/usr/bin/env bash
case "$1 $2" in
  "run list") [ "{listed}" = --fail ] && exit 1; printf '%s\\n' {listed} ;;
  "run download") case "$3" in {kept}) mkdir -p base && echo "$3" > base/run.json ;; *) exit 1 ;; esac ;;
esac
"""
KEEPING = """#!/usr/bin/env bash
if [ "$2" = list ]; then echo 31 32
elif [ "$3" = 32 ]; then mkdir -p "$7"; echo 32 > "$7/run.json"
else exit 1; fi
"""
ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture(params=WORKFLOWS, ids=lambda path: path.stem)
def workflow(request):
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    return yaml.safe_load(request.param.read_text())


def test_there_is_one_for_accuracy_one_for_benchmarks_and_one_for_platforms():
    assert [path.stem for path in WORKFLOWS] == ["accuracy", "benchmark", "platforms"]


def test_every_platform_runs_the_oldest_and_the_newest_python():
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    job = yaml.safe_load((ROOT / ".github/workflows/platforms.yml").read_text(encoding="utf-8"))["jobs"]["rows"]
    systems = [re.split("[0-9-]", name)[0] + "-arm" * name.endswith("arm") for name in job["strategy"]["matrix"]["os"]]
    assert systems == ["ubuntu", "ubuntu-arm", "macos", "windows"]
    assert job["strategy"]["matrix"]["python"] == [PYTHONS[0], PYTHONS[-1]]
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    assert set(tox["testenv"]["base_python"].split(", ")) == {f"python{version}" for version in PYTHONS}
    assert (
        job["env"]["TOX_OVERRIDE"] == "testenv.base_python=python${{ matrix.python }}"
    )  # else the first that is there


def test_each_job_has_a_time_limit_and_steps_that_do_something(workflow):
    assert workflow["permissions"]["contents"] == "read"
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 90
        assert all(("uses" in step) != ("run" in step) for step in job["steps"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_and_environments_exist(path):
    text = path.read_text()
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", name) for name in re.findall(r"uses: (\S+)", text))
    environments = configparser.ConfigParser(interpolation=None)
    environments.read(ROOT / "tox.ini")
    named = {name for group in re.findall(r"tox -e ([\w,]+)", text) for name in group.split(",")}
    assert named
    assert all(f"testenv:{name}" in environments for name in named)
    assert ("--same-machine-only" in text) == (path.stem == "benchmark")


@pytest.fixture
def found(tmp_path):
    """Runs the benchmark workflow's search with a made-up `gh`: (exit code, base that was taken, summary)."""
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    steps = yaml.safe_load((ROOT / ".github/workflows/benchmark.yml").read_text())["jobs"]["benchmark"]["steps"]
    script = next(step["run"] for step in steps if step.get("name", "").startswith("Find"))

    def search(listed, kept):
        (tmp_path / "gh").write_text(GH.format(listed=" ".join(listed), kept="|".join(kept) or "none"))
        (tmp_path / "gh").chmod(0o755)
        summary = tmp_path / "summary.md"
        summary.touch()
        environment = {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "BRANCH": "main",
            "GITHUB_STEP_SUMMARY": str(summary),
        }
        code = subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=environment, check=False).returncode
        taken = tmp_path / "base" / "run.json"
        return code, taken.read_text().strip() if taken.exists() else None, summary.read_text()

    return search


def test_first_run_that_has_kept_its_file_is_what_is_compared_with(found):
    assert found(["31", "32", "33"], ["32", "33"]) == (0, "32", "")


def test_first_night_compares_with_nothing_and_says_nothing(found):
    assert found([], []) == (0, None, "")


def test_summary_warns_where_earlier_runs_have_kept_nothing(found):
    code, taken, summary = found(["31", "32"], [])
    assert (code, taken) == (0, None)
    assert "Nothing was compared" in summary


def test_search_that_fails_is_not_taken_for_a_first_night(found):
    assert found(["--fail"], [])[0] != 0


def test_nights_that_have_kept_their_run_are_fetched_for_the_history(tmp_path):
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    steps = yaml.safe_load((ROOT / ".github/workflows/benchmark.yml").read_text())["jobs"]["benchmark"]["steps"]
    script = next(step["run"] for step in steps if step.get("name", "").startswith("Fetch"))
    (tmp_path / "gh").write_text(KEEPING)
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "run.json").write_text("now")
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "BRANCH": "main"}
    assert subprocess.run(["bash", "-e", "-c", script], cwd=tmp_path, env=environment, check=False).returncode == 0
    kept = {path.parent.name: path.read_text().strip() for path in tmp_path.glob("nights/*/run.json")}
    assert kept == {"now": "now", "32": "32"}
