"""What README and the pages it leads to promise, and nothing else would notice."""

from __future__ import annotations

import re
import shlex

import numpy as np
import pytest

import model
import neurochip_bench
from neurochip_bench.backends.registry import devices
from neurochip_bench.exits import Exit
from neurochip_bench.suite import rows
from neurochip_bench.tools import support
from tests.helpers.commands import export
from tests.helpers.documents import ROOT
from tests.helpers.sessions import ran

README = (ROOT / "README.md").read_text(encoding="utf-8")
BACKENDS = (ROOT / "docs" / "backends.md").read_text(encoding="utf-8")
ONNX = (ROOT / "docs" / "onnx.md").read_text(encoding="utf-8")


def test_it_is_short():
    assert len(README.splitlines()) <= 190


def test_table_of_backends_is_the_registry():
    table = re.search(r"<!-- backends -->(.*)<!-- end of backends -->", BACKENDS, re.DOTALL)
    assert table is not None
    assert table[1].strip().splitlines() == support.table()


def test_number_of_the_papers_sides_is_theirs():
    assert f"all {len(rows.PAPER_SIDES)} of the paper's" in README


def test_devices_are_the_markers():
    assert f"`{' '.join(devices())}`" in README


def test_results_that_it_shows_are_those_of_the_whole_table():
    shown = [line.split("|")[1:-1] for line in README.splitlines() if re.match(r"\| (io|hh|lif) \| [\d,]+ \|", line)]
    whole = [line.split("|")[1:-1] for line in (ROOT / "docs" / "results.md").read_text(encoding="utf-8").splitlines()]
    assert len(shown) >= 3
    assert all([row[0], " connected ", *row[1:]] in whole for row in shown)


def test_public_names_are_those_of_the_packages():
    told = README[README.index("Public are") : README.index("```python")]
    assert {*model.__all__, *neurochip_bench.__all__} <= set(re.findall(r"`(\w+)`", told))


def test_exit_codes_are_told():
    told = README[README.index("[Exit codes]") :].split("\n\n")[0]
    assert {int(code) for code in re.findall(r"\b\d+\b", told)} == set(Exit)


@pytest.mark.slow  # a whole session of every kernel: three seconds
def test_first_result_is_the_one_that_it_shows(tmp_path):
    pytest.importorskip("jax")
    block = re.search(r"^pip install -e .*\npytest (.*)$", README, re.MULTILINE)
    assert block is not None
    code, output = ran(tmp_path, *shlex.split(block[1]), save=False)
    assert code == 0, output
    shown = re.search(r"^ network +cells.*\n (lif connected.*)$", README, re.MULTILINE)
    assert shown is not None
    *words, _, _, _, _ = shown[1].split()
    assert re.search(r"\s+".join(map(re.escape, words)), output)


def test_example_of_the_library_runs():
    pytest.importorskip("jax")
    example = re.search(r"```python\n(from model import.*?)```", README, re.DOTALL)
    assert example is not None
    names: dict = {}
    exec(example[1], names)
    assert names["run"].trace.shape == (101, 64)
    assert np.isfinite(names["run"].trace).all()


def test_exported_file_of_the_example_runs_in_plain_onnxruntime_as_shown(tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    command = re.search(r"^neurochip-bench export (.* -o io\.onnx)$", ONNX, re.MULTILINE)
    example = re.search(r"```python\n(import numpy as np\nimport onnxruntime.*?)```", ONNX, re.DOTALL)
    assert command is not None
    assert example is not None
    assert f"neurochip-bench export {command[1]}" in README
    monkeypatch.chdir(tmp_path)
    assert export(shlex.split(command[1])) == 0
    names: dict = {}
    exec(example[1], names)
    assert names["state"].shape == (14, 729)
    assert np.isfinite(names["state"]).all()
    assert np.abs(names["state"][0] + 60.0).max() < 1.0
