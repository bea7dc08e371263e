"""The script for clusters: it runs with a stand-in for Slurm, and asks pytest for what pytest has."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

from tests.helpers.documents import ROOT, check_pytest, commands_of, environments

SRUN = '#!/usr/bin/env bash\nprintf "%s\\n" "$@"\n'
(SCRIPT,) = re.findall(r"^```bash\n(.*?)^```$", (ROOT / "docs/clusters.md").read_text(), re.DOTALL | re.MULTILINE)


@pytest.fixture
def task(tmp_path):
    """Runs the script as a task of the array; returns the words of the command that Slurm would start."""
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    (tmp_path / "srun").write_text(SRUN)
    (tmp_path / "srun").chmod(0o755)

    def run(number):
        given = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SLURM_SUBMIT_DIR": str(tmp_path)}
        given["SLURM_ARRAY_TASK_ID"] = str(number)
        return subprocess.check_output(["bash", "-c", SCRIPT], env=given, text=True).splitlines()

    return run


def test_each_task_runs_a_model_of_its_own_and_saves_it_under_its_own_name(task, tmp_path, pytestconfig):
    tasks = [task(number) for number in range(3)]
    for words, model in zip(tasks, ("io", "hh", "lif")):
        assert words[:3] == ["env/bin/python", "-m", "pytest"]
        check_pytest(words[3:], pytestconfig)
        assert f"gpu and {model}" in words
        assert words[words.index("--benchmark-save") + 1] == f"gpu-{model}"
        assert words[words.index("--benchmark-storage") + 1] == f"file://{tmp_path}/.benchmarks"
    assert f"--array=0-{len(tasks) - 1}\n" in SCRIPT
    assert "--gpus-per-task=1\n" in SCRIPT


def test_task_that_was_cut_off_goes_on_and_the_others_begin(task, tmp_path):
    unfinished = tmp_path / ".benchmarks" / "unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "gpu-hh-0123.jsonl").touch()
    assert ["--resume" in task(number) for number in range(3)] == [False, True, False]


@pytest.mark.parametrize("name", [name for name in environments().sections() if name.startswith("testenv:")])
def test_file_that_follows_the_dashes_of_tox_is_of_one_session(name):
    """`tox -e gpu -- --benchmark-json=x`: another session that got it would write over the first one's rows."""
    saving = [line for line in commands_of(name, "--benchmark-json=x") if "--benchmark-save" in line]
    assert sum("--benchmark-json=x" in line for line in saving) <= 1
