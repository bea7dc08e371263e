"""Energy by gcipuinfo: on a stand-in for the module, read by another process as the real one."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import pytest

from neurochip_bench.energy import Gcipuinfo, MeterError, ipu
from tests.helpers import private
from tests.helpers.standins import FOLDER


@pytest.fixture
def gcipuinfo(monkeypatch):
    """Makes the stand-in of gcipuinfo say lists of devices, one after another."""
    monkeypatch.setenv("NEUROCHIP_IPU_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(FOLDER / "ipu"), prepend=":")
    monkeypatch.setattr(ipu, "LIMIT_S", 30.0)
    return lambda *said: monkeypatch.setenv("STANDIN_IPUS", json.dumps(said))


def card(board="12.6 W", chip="N/A", owner="N/A"):
    return {"user process id": owner, "total board power": board, "ipu power": chip, "clock": "1500MHz"}


def test_boards_power_is_read_anew_each_time(gcipuinfo):
    gcipuinfo([card()], [card("85.8W")], [card("90W")])
    with Gcipuinfo() as meter:
        assert [meter.read().watts for _ in range(2)] == [85.8, 90.0]
        assert (meter.scope, meter.spans) == ("board", ())


def test_the_process_that_reads_can_import_its_side_of_this_project_and_nothing_else():
    found = private.importable(sys.executable, ipu.PARTS)
    own = [name for name in found if not name.startswith("model.")]
    assert own == ["neurochip_bench.energy.ipu_powers", "neurochip_bench.lazy"]


def test_the_ipu_of_the_process_is_read_and_the_chips_power_where_the_board_tells_none(gcipuinfo):
    gcipuinfo([card(owner="7"), card("N/A", "40.5W", owner="8")])
    with Gcipuinfo(8) as meter:
        assert (meter.read().watts, meter.scope) == (40.5, "chip")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ([[card("N/A")]] * 2, "gcipuinfo tells neither total board power nor ipu power of the IPU (N/A)"),
        ([[]], "gcipuinfo lists no IPU"),
        ([[card("12.6")]], "gcipuinfo says '12.6' for total board power: expected a power such as 123.4W, or N/A"),
        ([[card()], [card("N/A")]], "gcipuinfo says N/A for total board power, which it told before"),
        ([[card("0.0W")]] * 2, "gcipuinfo says 0 W: expected a power above 0"),
        ([[card(), card()]], "gcipuinfo lists 2 IPUs, 0 of them used by process 9: expected one"),
    ],
)
def test_what_gcipuinfo_does_not_tell_is_refused(monkeypatch, said, sentence):
    answers = iter(said)
    reader = SimpleNamespace(ask=lambda: next(answers), close=lambda: None)
    monkeypatch.setattr(ipu, "Reader", lambda python: reader)
    with pytest.raises(MeterError) as caught, Gcipuinfo(9) as meter:
        meter.read()
    assert str(caught.value) == sentence


def test_gcipuinfo_that_hangs_dies_or_is_not_there_is_a_sentence(gcipuinfo, monkeypatch):
    gcipuinfo("hangs")
    monkeypatch.setattr(ipu, "LIMIT_S", 0.5)
    assert "did not answer within 0.5 s" in Gcipuinfo.missing()
    monkeypatch.setenv("PYTHONPATH", "")
    monkeypatch.setattr(ipu, "LIMIT_S", 30.0)
    absent = "No module named 'gcipuinfo': expected the Python of the Poplar SDK, its enable.sh sourced"
    assert Gcipuinfo.missing().endswith(absent)
    monkeypatch.setenv("NEUROCHIP_IPU_PYTHON", "/nowhere/python")
    assert Gcipuinfo.missing() == "gcipuinfo under /nowhere/python cannot be started: No such file or directory"
