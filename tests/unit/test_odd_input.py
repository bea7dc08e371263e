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


def whole(rows):
    """So many rows of one model, and one of another."""
    names = [f"io-connected-jax-cpu-f32-n={64 + i}" for i in range(rows)]
    return [timed(name, experiment="run", rtf=0.1) for name in (*names, "lif-connected-numpy-cpu-f64-n=64")]


def damaged(keys, value):
    """Saved runs, as a dictionary, with a thing of another type at each of these places, every one in its own row."""
    saved: dict[str, Any] = {"machine_info": {"processor_name": "A", "cores": 2}, "commit_info": {}}
    saved.update(datetime="2026-11-01T00:00:00", benchmarks=whole(len(keys)))
    for key, entry in zip(keys, saved["benchmarks"]):
        place = saved if key in TOP else entry if key in IN_A_ROW else entry[key.split(".")[0]]
        place[key.split(".")[-1]] = value
    return saved


RECORD = (*timed()["extra_info"], "stable", "experiment", "rtf")
STATS = ("min", "median", "data")
PLACES = (*TOP, *IN_A_ROW, *(f"stats.{key}" for key in STATS), *(f"extra_info.{key}" for key in RECORD))
REFUSED = ("failures", "extra_info", "extra_info.schema")  # for which a file may be, whatever else is in it
OTHERS = tuple(key for key in PLACES if key not in REFUSED)


def report(arguments):
    """The exit code of the report command, into a folder beside the saved run."""
    pytest.importorskip("matplotlib")
    pytest.importorskip("jinja2")
    from tests.helpers.commands import report as main

    return main([arguments[0], "-o", str(Path(arguments[0]).parent / "report")])


def outcomes(command, keys, value, folder, capsys):
    """What a command says of a damaged run, on whichever side it is compared; the code is that of a result."""
    good = save(folder / "good.json", whole(len(keys)))
    path = folder / "odd.json"
    path.write_text(json.dumps(damaged(keys, value)))
    for sides in ((path, good), (good, path)) if command is compare else [(path, good)]:
        code = command([*map(str, sides), "--all", "--fail-slower=10%"])
        out, error = capsys.readouterr()
        assert code in (0, 1, 4), (out, error)
        yield out.strip() + error.strip()


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("command", [compare, report], ids=["compare", "report"])
class TestDamaged:
    @pytest.mark.parametrize("key", REFUSED)
    def test_file_ends_a_command_with_a_sentence_or_a_result(self, command, key, tmp_path, capsys):
        for value in ODD:
            assert all(outcomes(command, [key], value, tmp_path, capsys)), value

    @pytest.mark.parametrize("value", ODD, ids=lambda value: str(value)[:10])
    def test_rows_stand_in_the_result_with_all_others(self, command, value, tmp_path, capsys):
        for said in outcomes(command, OTHERS, value, tmp_path, capsys):
            assert "pytest-benchmark does not write" not in said
            assert command is report or all(f"n={64 + i}" in said for i, key in enumerate(OTHERS) if "." in key)


def test_values_of_a_wrong_type_read_as_absent(tmp_path):
    path = tmp_path / "odd.json"
    saved = damaged(["stats"], "fast")
    saved.update(machine_info="a string", commit_info=["a", "list"], floor=3, datetime=5)
    saved["benchmarks"][0]["extra_info"].update(verdict=["faithful"], device={"a": 1})
    path.write_text(json.dumps(saved))
    run = load(path)
    assert (run.machine, run.commit, run.floor, run.datetime) == ({}, {}, Floor(), None)
    assert run.rows[0].stats is None
    assert (run.rows[0].record.verdict, run.rows[0].record.device) == (None, None)
