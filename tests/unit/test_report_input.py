"""What comes of saved runs that nobody should trust: hostile names, wrong types, broken files, folders."""

from __future__ import annotations

import csv
import importlib.util
import json
import math
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from tests.helpers.saved_runs import failure, row, save

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")

from neurochip_bench.report.values import number, positive, text, whole
from tests.helpers.commands import report as main

EVIL = "<script>alert(1)</script>\"'&amp;|=cmd`$\\frac{x$--><!--\x00\x1b\ud800\u202e]]>"
FORMULA = "=HYPERLINK(1)"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The folder of a report of a run whose every string is hostile, and of one whose every number is."""
    folder = tmp_path_factory.mktemp("hostile")
    rows = [row(rtf=0.5), row("jax-cpu-f32", rtf=0.4), row(rtf=0.3)]
    for entry, name in zip(rows, (EVIL, FORMULA, "x" * 100_000)):
        entry["name"] = entry["fullname"] = name
        entry["extra_info"].update(backend=name, library=name, library_version=name, coupling=name, experiment="run")
    rows[0]["extra_info"].update(model=EVIL, connectivity=EVIL)
    wrong = row(rtf=0.5)
    wrong["extra_info"].update({key: {"a": []} for key in wrong["extra_info"]}, schema=1)
    wrong["stats"] = "no"
    rows.append(wrong)
    odd = ({"rtf": math.nan}, {"cells": math.inf}, {"rtf": True}, {"rtf": "0.1"}, {"cells": 10**400}, {"rtf": 1e300})
    for changes in odd:
        rows.append(row(rtf=0.5))
        rows[-1]["extra_info"].update(changes)
    machine: dict[str, Any] = {
        "node": EVIL,
        "processor_name": EVIL,
        "cores": "two",
        "python_version": [1],
        "floor": "none",
    }
    path = save(folder / "a|b<i>.json", rows, [failure(EVIL), failure(FORMULA)], **machine)
    assert main([str(path), "-o", str(folder / "out")]) == 0
    return folder / "out"


def test_hostile_strings_stay_strings_in_html(hostile):
    html = (hostile / "index.html").read_text(encoding="utf-8")
    assert html.count("<script") == html.count("</script>") == 1
    assert "<i>" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", html)
    assert max(map(len, re.findall("x+", html))) < 200


def test_hostile_strings_stay_strings_in_svg(hostile):
    for path in (hostile / "figures").glob("*.svg"):
        tags = {node.tag for node in ElementTree.fromstring(path.read_bytes()).iter()}
        assert not any(tag.endswith("script") for tag in tags)


def test_file_names_are_plain(hostile):
    names = [path.name for path in (hostile / "figures").iterdir()]
    assert names
    assert all(re.fullmatch(r"[a-z0-9-]{1,70}\.(svg|png)", name) for name in names)


def test_spreadsheets_compute_nothing(hostile):
    for path in (hostile / "tables").glob("*.csv"):
        for line in csv.reader(path.read_text(encoding="utf-8").splitlines()):
            assert not any(re.match(r"\s*[=+@|%]|-[^0-9]", cell) for cell in line), line


def test_markdown_tables_keep_their_columns(hostile):
    for path in (hostile / "tables").glob("*.md"):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
        assert not re.search(r"(?<!\\)<", "".join(lines))


def test_numbers_of_a_wrong_type_are_none():
    values: tuple = (True, "1", None, [1], {}, math.nan, math.inf, 10**400)
    for value in values:
        assert number(value) is None
    assert positive(0) is positive(-1.0) is positive(1e300) is None
    assert (whole(64), whole(64.5), whole(0), whole(1e13)) == (64, None, None, None)


def test_text_is_one_printable_line():
    assert text("a\tb\r\nc\x00") == "a b c"
    assert text("x" * 1000) == "x" * 99 + "…"
    assert text(7) is text("") is text(" \n") is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"benchmarks": [', "cut off"),
        ("[]", "no list of benchmarks"),
        ('{"benchmarks": [7]}', "does not write"),
        ('{"benchmarks": [{"name": "a", "fullname": "a", "extra_info": ["abc"]}]}', "does not write"),
        ('{"benchmarks": [{"name": "a", "fullname": "a", "extra_info": {"schema": 99}}]}', "schema 99"),
        ('{"benchmarks": [{"name": "a", "fullname": "a", "extra_info": {"schema": 1}},'
         ' {"name": "b", "fullname": "b", "extra_info": {"schema": 2}}]}', "schema 2"),
        ("[" * 100_000, "cut off"),
        ("\xff\xfe", "not JSON"),
        (None, "cannot be read"),
    ],
)  # fmt: skip
def test_file_that_is_no_saved_run_is_one_sentence_and_no_page(tmp_path, capsys, content, words):
    path = tmp_path / "run.json"
    if content is not None:
        path.write_bytes(content.encode("latin-1"))
    assert main([str(path), "-o", str(tmp_path / "out")]) == 4
    problem, nothing = capsys.readouterr().err.strip().splitlines()
    assert problem.startswith(str(path))
    assert words in problem
    assert "no report was written" in nothing
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("undrawn")
def test_file_that_cannot_be_read_is_named_on_the_page_of_the_others(tmp_path, capsys):
    good = save(tmp_path / "good.json", [row(test="prepare")])
    assert main([str(good), str(tmp_path / "gone.json"), "-o", str(tmp_path / "out")]) == 4
    assert "gone.json: cannot be read" in capsys.readouterr().err
    assert "gone.json: cannot be read" in (tmp_path / "out" / "index.html").read_text()


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("rows", "failures", "words"),
    [
        ([], [], "no rows"),
        ([], [failure()], "no row is right"),
        ([row(test="prepare", verdict="unusable")], [], "no row is right"),
    ],
)
def test_run_that_ranks_nothing_makes_a_page_that_says_so(tmp_path, capsys, rows, failures, words):
    path = save(tmp_path / "run.json", rows, failures)
    assert main([str(path), "-o", str(tmp_path / "out")]) == 4
    assert words in capsys.readouterr().err
    html = (tmp_path / "out" / "index.html").read_text()
    assert "Not known" in html
    assert ("ran out of memory" in html) == bool(failures)


@pytest.mark.usefixtures("undrawn")
def test_wrong_types_around_the_rows_are_survived(tmp_path):
    path = save(tmp_path / "run.json", [row(test="prepare")])
    run = json.loads(path.read_text())
    run.update(machine_info=[1], commit_info="x", datetime=7)
    path.write_text(json.dumps(run))
    assert main([str(path), "-o", str(tmp_path / "out")]) == 0


def test_folder_that_cannot_be_written_is_one_sentence(tmp_path, capsys):
    path = save(tmp_path / "run.json", [row(test="prepare")])
    assert main([str(path), "-o", str(path)]) == 4
    assert "cannot be written" in capsys.readouterr().err


def test_wrong_arguments_are_exit_code_4(capsys):
    assert main([]) == 4
    assert "RUN.json" in capsys.readouterr().err


def test_missing_library_is_named_with_what_to_install(monkeypatch, capsys):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "jinja2" else find_spec(name))
    assert main(["run.json"]) == 4
    assert "jinja2 not installed: python -m pip install 'neurochip-bench[report]'" in capsys.readouterr().err


def test_package_needs_neither_library_to_import():
    script = "import sys, neurochip_bench.cli.report; print({'matplotlib', 'jinja2'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(("value", "is_said"), [("many", True), (64, False)])
def test_value_of_another_type_is_said_on_the_page_not_to_be_read(tmp_path, value, is_said):
    damaged = row(test="prepare")
    damaged["extra_info"]["cells"] = value
    path = save(tmp_path / "run.json", [damaged])
    assert main([str(path), "-o", str(tmp_path / "out")]) == 0
    html = (tmp_path / "out" / "index.html").read_text()
    assert ("run.json: values of another type are not read: " in html) == is_said
    assert ("cells is &#39;many&#39;: expected a whole number." in html) == is_said
