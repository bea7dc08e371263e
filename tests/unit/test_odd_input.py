"""A damaged file given to the commands that read saved runs: a sentence or a result, never a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from neurochip_bench.keep.floor import Floor
from neurochip_bench.keep.saved import load
from tests.helpers.commands import compare
from tests.helpers.saved_runs import save, timed

ODD = (["x"], {"x": ["y"]}, "text", 7, None, 10**400, -1e308, True)
TOP = ("machine_info", "commit_info", "datetime", "floor", "failures", "version")
IN_A_ROW = ("stats", "extra_info", "reason", "name", "fullname", "group")


def damaged(key, value):
    """Saved runs, as a dictionary, with one thing of another type, at every place of that name."""
    entry = timed(experiment="run", rtf=0.1)
    saved: dict[str, Any] = {"machine_info": {"processor_name": "A", "cores": 2}, "commit_info": {}}
    saved["datetime"] = "2026-11-01T00:00:00"
    saved["benchmarks"] = [entry, timed("lif-connected-numpy-cpu-f64-n=64", experiment="run", rtf=0.1)]
    place = saved if key in TOP else entry if key in IN_A_ROW else entry[key.split(".")[0]]
    place[key.split(".")[-1]] = value
    return saved


RECORD = (*timed()["extra_info"], "stable", "experiment", "rtf")
STATS = ("min", "median", "data")
PLACES = (*TOP, *IN_A_ROW, *(f"stats.{key}" for key in STATS), *(f"extra_info.{key}" for key in RECORD))


def report(arguments):
    """The exit code of the report command, into a folder beside the saved run."""
    pytest.importorskip("matplotlib")
    pytest.importorskip("jinja2")
    from tests.helpers.commands import report as main

    return main([arguments[0], "-o", str(Path(arguments[0]).parent / "report")])


COMMANDS = [(command, key) for command in (compare, report) for key in PLACES]


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("command", "key"), COMMANDS, ids=lambda part: part if isinstance(part, str) else part.__module__
)
def test_command_ends_with_a_sentence_or_a_result(command, key, tmp_path, capsys):
    good, path = save(tmp_path / "good.json", damaged("version", "1")["benchmarks"]), tmp_path / "odd.json"
    for value in ODD[: 2 if command is report else None]:
        path.write_text(json.dumps(damaged(key, value)))
        for sides in ((path, good), (good, path))[: 1 if command is report else 2]:
            code = command([*map(str, sides), "--all", "--fail-slower=10%"])
            out, error = capsys.readouterr()
            assert code in (0, 1, 4), (value, out, error)
            assert out.strip() or error.strip()


def test_values_of_a_wrong_type_read_as_absent(tmp_path):
    path = tmp_path / "odd.json"
    saved = damaged("stats", "fast")
    saved.update(machine_info="a string", commit_info=["a", "list"], floor=3, datetime=5)
    saved["benchmarks"][0]["extra_info"].update(verdict=["faithful"], device={"a": 1})
    path.write_text(json.dumps(saved))
    run = load(path)
    assert (run.machine, run.commit, run.floor, run.datetime) == ({}, {}, Floor(), None)
    assert run.rows[0].stats is None
    assert (run.rows[0].record.verdict, run.rows[0].record.device) == (None, None)
