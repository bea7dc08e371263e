"""What commands print where it cannot be printed: on terminals that lack signs, closed pipes and full disks."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.network import build
from neurochip_bench import terminal
from neurochip_bench.backends.promises import PROMISES
from neurochip_bench.backends.sharded.start import Group
from neurochip_bench.cli import main
from neurochip_bench.cli.group import COMMANDS
from neurochip_bench.exits import Exit
from neurochip_bench.keep import tries
from neurochip_bench.keep.floor import Floor
from neurochip_bench.suite import measured_floor, plugin, printed
from neurochip_bench.suite.devices import GROUP
from tests.helpers.documents import ROOT
from tests.helpers.saved_runs import save, timed

STRESS = str(ROOT / "tests" / "accuracy" / "reference" / "stress.json")
PRINTING = {  # the arguments with which it prints, in a folder of two saved runs
    "backends": [],
    "network": ["mine.npz"],
    "export": ["--kernel", "lif", "--side", "4", "-o", "lif.onnx"],
    "compare": ["a.json", "b.json", "--all"],
    "report": ["a.json"],
    "energy": [],
    "check-backend": ["numpy-cpu-f32"],
    "estimate": ["--side", "4"],
    "floor": [],
    "table": ["a.json", "b.json"],
    "delays": ["a.json"],
    "calibrate": ["."],
    "support": [],
    "record": [],
    "shards": ["--shape", "4", "4", "4", "--devices", "2"],
    "precision": [STRESS, "precision.svg"],
    "regenerate": ["."],
}
SILENT = {"limits", "study"}
LIBRARIES = {"report": ["matplotlib", "jinja2"], "precision": ["matplotlib"], "export": ["onnx"], "estimate": ["onnx"]}


@pytest.fixture(params=PRINTING)
def command(request, tmp_path, monkeypatch):
    """The arguments of a command that prints, what takes long left out; its saved runs are the working folder's."""
    for library in LIBRARIES.get(request.param, []):
        pytest.importorskip(library)
    save(tmp_path / "a.json", [timed()])
    save(tmp_path / "b.json", [timed(verdict="unusable")], hour=1)
    build("lif", 4).save(tmp_path / "mine.npz")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("neurochip_bench.cli.regenerate.regenerate", lambda *_: print("lif–walk: 10⁶ ms"))
    monkeypatch.setattr("neurochip_bench.cli.estimate.estimate", lambda *_: (1000, 1e-6))
    monkeypatch.setattr("neurochip_bench.tools.calibrate.TRIALS", 3)
    monkeypatch.setattr("neurochip_bench.cli.check_backend.PROMISES", {"tells": PROMISES["tells"]})
    if request.param == "report":
        monkeypatch.setattr("neurochip_bench.report.write.write", lambda _, folder: Path(folder, "index.html"))
    if request.param == "precision":
        monkeypatch.setattr("neurochip_bench.cli.precision.draw", lambda *_: None)
    return [request.param, *PRINTING[request.param]]


def code_on(descriptor, arguments, monkeypatch, encoding="utf-8"):
    """The exit code of a command whose stdout is a descriptor; there is nothing left for the interpreter to flush."""
    with open(descriptor, "w", encoding=encoding, errors="strict") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        return main(arguments)


def test_every_command_prints_or_is_known_to_be_silent():
    assert {*PRINTING, *SILENT} == set(COMMANDS)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_signs_that_the_terminal_lacks_are_replaced(command, encoding, tmp_path, monkeypatch, capsys):
    code = code_on(tmp_path / "printed", command, monkeypatch, encoding)
    text = (tmp_path / "printed").read_bytes().decode(encoding)  # raises where bytes are of another encoding
    assert code == (Exit.FAILED if command[0] == "compare" else Exit.OK), capsys.readouterr().err
    assert text.strip()
    assert "?" not in text


def test_pipe_that_is_closed_ends_a_command_with_its_own_code_and_no_word(command, monkeypatch, capsys):
    reading, writing = os.pipe()
    os.close(reading)
    assert code_on(writing, command, monkeypatch) == (Exit.FAILED if command[0] == "compare" else Exit.OK)
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
def test_disk_that_is_full_is_code_4_and_a_sentence(command, monkeypatch, capsys):
    assert code_on("/dev/full", command, monkeypatch) == Exit.USAGE
    assert capsys.readouterr().err == "error: what was printed is not all there: No space left on device\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
@pytest.mark.parametrize(
    ("shell", "code", "told"),
    [
        ("{compare} | true", 1, ""),
        ("{compare} > /dev/full", 4, "error: what was printed is not all there: No space left on device\n"),
        ("{compare} >&-", 1, ""),
        ("PYTHONIOENCODING=ascii {compare} | cat > /dev/null", 1, ""),
    ],
)
def test_interpreter_s_end_adds_nothing(shell, code, told, tmp_path):
    files = save(tmp_path / "a.json", [timed()]), save(tmp_path / "b.json", [timed(verdict="unusable")], hour=1)
    compare = " ".join([sys.executable, "-m", "neurochip_bench", "compare", *map(str, files)])
    line = f"set -o pipefail; {shell.format(compare=compare)}"
    ran = subprocess.run(["bash", "-c", line], cwd=ROOT, check=False, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (code, told)


def test_help_needs_no_sign_that_a_terminal_lacks(capsys):
    for name in COMMANDS:
        main([name, "--help"])
    main(["--help"])
    assert capsys.readouterr().out.isascii()


def test_table_at_the_end_of_pytest_s_session_is_lines_on_any_terminal(monkeypatch):
    told = timed(rtf=0.11, ns_per_cell_step=43.0)["extra_info"]
    lines: list[str] = []
    reporter = SimpleNamespace(section=lambda _: None, write_line=lines.append)
    config = SimpleNamespace(
        stash={tries.RECORDS: {"row": told}, GROUP: Group()}, get_terminal_writer=lambda: SimpleNamespace(fullwidth=100)
    )
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    monkeypatch.setattr(measured_floor, "of_this_machine", Floor)  # measuring it takes half a second
    plugin.pytest_terminal_summary(reporter, config)
    assert any(re.fullmatch(r" -{40,} ", line) for line in lines)
    assert all(line.isascii() for line in lines)


@given(st.text(), st.sampled_from(["ascii", "cp1252", "latin-1", "utf-8", None]))
def test_anything_can_be_shown(text, encoding):
    shown = terminal.shown(text, encoding)
    assert shown.encode(encoding or "utf-8") is not None
    assert shown == text or not text.isascii()


def test_signs_mean_the_same_when_they_are_replaced():
    assert terminal.shown("0.95 (0.90–1.02), 10⁶ µA/cm², f64 → f32, ☃", "ascii") == (
        "0.95 (0.90-1.02), 10^6 uA/cm^2, f64 -> f32, ?"
    )


def test_stream_that_is_no_descriptor_stays_as_it_is():
    stream = io.StringIO()
    assert terminal.careful(stream) is stream
    assert terminal.lost(stream) is None


def session_on(descriptor, text, monkeypatch):
    """The exit code of a session that prints a text and ends with 1, on a descriptor as its stdout."""
    with open(descriptor, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        hook = printed.pytest_cmdline_main(None)
        next(hook)
        print(text)
        sys.stdout = stream  # pytest's capture leaves the stream that it found before the session
        with pytest.raises(StopIteration) as ended:
            hook.send(1)
        return ended.value.value


def test_session_on_a_pipe_that_is_closed_ends_with_its_own_code_and_no_word(monkeypatch, capsys):
    reading, writing = os.pipe()
    os.close(reading)
    assert session_on(writing, "a row", monkeypatch) == 1
    assert capsys.readouterr().err == ""


def test_what_a_session_prints_is_all_there_though_capture_takes_its_stream_away(tmp_path, monkeypatch):
    assert session_on(tmp_path / "printed", "a row", monkeypatch) == 1
    assert (tmp_path / "printed").read_text(encoding="utf-8") == "a row\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")
def test_session_on_a_disk_that_is_full_is_code_4_and_a_sentence(monkeypatch, capsys):
    assert session_on("/dev/full", "a row", monkeypatch) == Exit.USAGE
    assert capsys.readouterr().err == "error: what was printed is not all there: No space left on device\n"
