"""JUnit's file: what a row's entry says. That rows of a process that died are in it once is told by test_saving.py."""

from __future__ import annotations

from xml.etree import ElementTree

from neurochip_bench.keep import junit
from tests.helpers.sessions import cases


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
    assert cases(path) == [
        ("test_run[a]", {"verdict": "usable", "rtf": "0.5"}, []),
        ("test_run[b]", {"verdict": "unjudged"}, ["its process was ended"]),
    ]
    suite = ElementTree.parse(path).getroot().find("testsuite")
    assert [suite.get(name) for name in ("tests", "failures", "errors")] == ["2", "1", "0"]
    assert [case.get("time") for case in suite.iter("testcase")] == ["2.000", "0.000"]


def test_what_is_not_known_of_a_row_is_no_property():
    assert junit.properties_of({"verdict": None, "rtf": 0.1, "ns_per_cell_step": None, "cells": 64}) == [("rtf", 0.1)]
