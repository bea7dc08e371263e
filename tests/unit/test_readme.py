"""What the README promises and nothing else would notice."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from neurochip_bench.backends.onnx.__main__ import main as export
from neurochip_bench.suite import rows
from neurochip_bench.tools import support

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_table_of_backends_is_the_registry():
    table = re.search(r"<!-- backends -->(.*)<!-- end of backends -->", README, re.DOTALL)
    assert table is not None
    assert table[1].strip().splitlines() == support.table()


def test_number_of_the_papers_sides_is_theirs():
    assert f"all {len(rows.PAPER_SIDES)} of the paper's" in README


def test_every_file_that_a_document_links_is_there():
    root = Path(__file__).parents[2]
    for document in (root / "README.md", root / "CONTRIBUTING.md", *root.glob("docs/*.md")):
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text()):
            assert (document.parent / link).exists(), f"{document.name} links {link}"


def test_devices_are_the_markers():
    assert f"`{' '.join(rows.DEVICES)}`" in README


def test_exported_file_of_the_example_runs_in_plain_onnxruntime_as_shown(tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime")
    command = re.search(r"python -m neurochip_bench\.backends\.onnx (.* -o io\.onnx)", README)
    example = re.search(r"```python\n(import numpy as np\nimport onnxruntime.*?)```", README, re.DOTALL)
    assert command is not None
    assert example is not None
    monkeypatch.chdir(tmp_path)
    assert export(command[1].split()) == 0
    names: dict = {}
    exec(example[1], names)
    assert names["state"].shape == (14, 729)
    assert np.isfinite(names["state"]).all()
    assert np.abs(names["state"][0] + 60.0).max() < 1.0
