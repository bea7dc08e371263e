"""`neurochip-bench`: what each subcommand loads, says and ends with."""

from __future__ import annotations

import errno
import json
import re
import shlex
import subprocess
import sys
from typing import Any

import click
import pytest

from neurochip_bench.cli import main
from neurochip_bench.cli.group import COMMANDS, group
from neurochip_bench.exits import MEANINGS, Exit
from tests import constants, mutations
from tests.helpers.documents import ROOT, check
from tests.helpers.saved_runs import save
from tests.helpers.saved_runs import timed as row

ALONE = """
import sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in {*sys.stdlib_module_names, "model", "neurochip_bench", "numpy", "click"}:
            raise ModuleNotFoundError(f"{name} is not to be imported", name=name)

sys.meta_path.insert(0, Nothing())
from neurochip_bench.cli import main
from neurochip_bench.cli.group import COMMANDS
print([main([name, "--help"]) for name in COMMANDS])
"""


def command(name):
    found = group.get_command(click.Context(group), name)
    assert found is not None
    return found


def raising(error):
    """A command that ends so."""

    def run(*_, **__):
        raise error

    return run


def fresh(code):
    """What a process of its own prints, of which `code` is the program."""
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_importing_the_command_loads_no_backend_and_nothing_of_a_subcommand():
    loaded = fresh("import sys, neurochip_bench.cli; print(*sys.modules)").split()
    ours = {name for name in loaded if name.split(".")[0] in ("model", "neurochip_bench")}
    assert ours == {
        "neurochip_bench",
        "neurochip_bench.cli",
        "neurochip_bench.cli.group",
        "neurochip_bench.cli.refusal",
        "neurochip_bench.endings",
        "neurochip_bench.exits",
        "neurochip_bench.files",
        "neurochip_bench.lazy",
        "neurochip_bench.terminal",
    }
    assert not {"numpy", "jax", "tensorflow", "onnxruntime", "matplotlib", "jinja2", "rich", "pytest"} & set(loaded)


def test_help_of_every_subcommand_needs_numpy_and_click_alone():
    assert fresh(ALONE).splitlines()[-1] == str([0] * len(COMMANDS))


def test_module_runs_as_the_command_does():
    ran = subprocess.run(
        [sys.executable, "-m", "neurochip_bench", "compare"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 4
    assert "expected BASE and NEW" in ran.stderr


def test_help_names_every_subcommand_and_every_exit_code(capsys):
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(re.search(rf"^ +{name} ", told, re.MULTILINE) for name in COMMANDS)
    assert all(
        re.search(rf"^ +{int(code)}  {re.escape(meaning)}$", told, re.MULTILINE) for code, meaning in MEANINGS.items()
    )
    assert set(MEANINGS) == set(Exit)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example_that_can_be_typed(name, capsys, pytestconfig):
    assert main([name, "--help"]) == Exit.OK
    examples = re.findall(rf"^ +(neurochip-bench {name}.*)$", capsys.readouterr().out.split("Example")[1], re.MULTILINE)
    assert examples
    for example in examples:
        check(shlex.split(example), pytestconfig)


@pytest.mark.parametrize("arguments", [[], ["toaster"], ["--toaster"], *([name, "--toaster"] for name in COMMANDS)])
def test_bad_usage_is_code_4_and_a_sentence(arguments, capsys):
    assert main(arguments) == Exit.USAGE
    out, error = capsys.readouterr()
    assert out == ""
    assert "Error: " in error


@pytest.mark.parametrize("name", COMMANDS)
def test_interruption_is_code_130(name, monkeypatch):
    monkeypatch.setattr(command(name), "callback", raising(KeyboardInterrupt))
    monkeypatch.setattr(command(name), "params", [])
    assert main([name]) == Exit.INTERRUPTED


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(("library", "extra"), [("rich", "suite"), ("msgspec", "report")])
def test_library_that_is_missing_is_code_4_and_names_what_to_install(name, library, extra, monkeypatch, capsys):
    error = ModuleNotFoundError(f"No module named '{library}.box'", name=f"{library}.box")
    monkeypatch.setattr(command(name), "callback", raising(error))
    monkeypatch.setattr(command(name), "params", [])
    assert main([name]) == Exit.USAGE
    told = f"error: {library} not installed: python -m pip install 'neurochip-bench[{extra}]'\n"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize("error", [ModuleNotFoundError("model.gone", name="model.gone"), KeyError("planted")])
def test_error_of_the_project_is_a_traceback_and_not_the_code_of_a_result(error, monkeypatch, capsys):
    monkeypatch.setattr(command("backends"), "callback", raising(error))
    assert main(["backends"]) == Exit.INTERNAL_ERROR
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_disk_that_fills_while_a_command_writes_is_code_4_and_a_sentence(name, monkeypatch, capsys):
    error = OSError(errno.ENOSPC, "No space left on device", "table.json")
    monkeypatch.setattr(command(name), "callback", raising(error))
    monkeypatch.setattr(command(name), "params", [])
    assert main([name]) == Exit.USAGE
    assert capsys.readouterr().err == "error: table.json: No space left on device\n"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [(constants, ["--toaster"]), (constants, ["gone.py"]), (mutations, ["--toaster"]), (mutations, ["gone"])],
)
def test_bad_usage_of_the_tests_own_tools_is_code_4(tool, arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        tool.main(arguments)
    assert ended.value.code == Exit.USAGE
    assert "error: " in capsys.readouterr().err


MISSING_FILES = {
    "compare": ["gone.json", "gone.json"],
    "report": ["gone.json"],
    "table": ["gone.json"],
    "delays": ["gone.json"],
    "calibrate": ["gone"],
    "precision": ["gone.json", "picture.svg"],
    "study": ["gone/stress.json"],
    "limits": ["gone/long.json"],
    "regenerate": ["file/folder"],
    "export": ["-o", "gone/io.onnx"],
}


@pytest.mark.parametrize(("name", "arguments"), MISSING_FILES.items(), ids=MISSING_FILES)
def test_file_that_is_not_there_is_code_4_and_a_sentence(name, arguments, tmp_path, monkeypatch, capsys):
    for library in {"report": ["matplotlib", "jinja2"], "precision": ["matplotlib"], "export": ["onnx"]}.get(name, []):
        pytest.importorskip(library)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    assert main([name, *arguments]) == Exit.USAGE
    told = capsys.readouterr().err.strip().splitlines()
    assert 1 <= len(told) <= 2
    assert "gone" in told[0] or "file" in told[0]
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_result_that_got_worse_is_code_1(tmp_path):
    files = save(tmp_path / "a.json", [row()]), save(tmp_path / "b.json", [row(verdict="unusable")], hour=1)
    assert main(["compare", *map(str, files)]) == Exit.FAILED
    assert main(["compare", str(files[0]), str(files[0])]) == Exit.OK


@pytest.mark.slow  # a whole session: one second
def test_what_pytest_required_and_is_absent_is_code_5(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    there = ["tests/perf/test_run.py", "--require", "ipu", "-m", "ipu", "-p", "tests.helpers.prompt"]
    monkeypatch.delenv("NEUROCHIP_IPU_PYTHON", raising=False)
    assert main(["compare", "--repeat", "1", "--save", str(tmp_path / "runs"), "--", *there]) == Exit.ABSENT


@pytest.mark.parametrize("name", ["backends", "energy", "floor", "support"])
def test_what_needs_no_file_prints_lines(name, capsys):
    assert main([name]) == Exit.OK
    assert len(capsys.readouterr().out.splitlines()) >= 4


def test_table_is_of_saved_runs(tmp_path, capsys):
    told: dict[str, Any] = {"ns_per_cell_step": 43.0, "compile_s": 0.5}
    rows = [row(rtf=0.11, **told), row("io-connected-numpy-cpu-f64-n=64", rtf=9.0, **told)]
    path = save(tmp_path / "run.json", rows, floor={"io connected": 8.6})
    assert main(["table", str(path)]) == Exit.OK
    head, _, line = capsys.readouterr().out.splitlines()
    assert head.startswith("| model |")
    assert line == "| io | connected | 64 | `jax-cpu-f32` | faithful | 0.5 | 0.11 | 43 | 1 | 5 |"


def test_calibration_needs_two_runs_and_prints_shares(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("neurochip_bench.tools.calibrate.TRIALS", 3)
    save(tmp_path / "0.json", [row()], hour=0)
    assert main(["calibrate", str(tmp_path)]) == Exit.USAGE
    assert "expected at least two" in capsys.readouterr().err
    for number in range(1, 10):
        save(tmp_path / f"{number}.json", [row(seconds=(0.01 + number * 1e-5, 0.011, 0.012))], hour=number)
    assert main(["calibrate", str(tmp_path)]) == Exit.OK
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("10 processes of 1 rows")
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[4:]]
    assert [line[0] for line in cells] == ["1", "5"]
    assert all(line[2] == line[4] == "–" for line in cells)  # one row is no backend as a whole


def test_study_s_table_is_drawn_and_printed(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    stored = ROOT / "tests" / "accuracy" / "reference" / "stress.json"
    assert main(["precision", str(stored), str(tmp_path / "precision.svg")]) == Exit.OK
    printed = capsys.readouterr().out.strip()
    assert (tmp_path / "precision.svg").read_text(encoding="utf-8").count("<svg") == 1
    assert all(table in (ROOT / "docs" / "precision.md").read_text(encoding="utf-8") for table in printed.split("\n\n"))
    (tmp_path / "other.json").write_text(json.dumps({"runs": {}}))
    assert main(["precision", str(tmp_path / "other.json"), str(tmp_path / "other.svg")]) == Exit.USAGE
    assert "is not the study's table" in capsys.readouterr().err


def test_picture_that_cannot_be_written_is_named_and_not_the_table(tmp_path, capsys, monkeypatch):
    pytest.importorskip("matplotlib")
    stored, picture = ROOT / "tests" / "accuracy" / "reference" / "stress.json", tmp_path / "precision.svg"

    def full(*_):
        raise OSError(28, "No space left on device", str(picture))

    monkeypatch.setattr("neurochip_bench.cli.precision.draw", full)
    assert main(["precision", str(stored), str(picture)]) == Exit.USAGE
    assert capsys.readouterr().err == f"error: {picture}: No space left on device\n"
    assert main(["precision", str(stored), f"{picture}x"]) == Exit.USAGE
    assert capsys.readouterr().err == f"error: {picture}x: expected a name that ends in .svg, .png or .pdf\n"


@pytest.mark.parametrize(("name", "place"), [("study", "study.study"), ("limits", "limits.limits")])
def test_what_was_computed_is_written(name, place, tmp_path, monkeypatch):
    monkeypatch.setattr(f"neurochip_bench.cli.{place}", lambda: {"spikes": 592})
    assert main([name, str(tmp_path / "table.json")]) == Exit.OK
    assert json.loads((tmp_path / "table.json").read_text()) == {"spikes": 592}


@pytest.mark.parametrize(("options", "kernels"), [([], None), (["--kernel", "lif", "--kernel", "io"], ("lif", "io"))])
def test_kernels_to_regenerate_are_chosen(options, kernels, tmp_path, monkeypatch):
    asked: list = []
    monkeypatch.setattr("neurochip_bench.cli.regenerate.regenerate", lambda *arguments: asked.append(arguments))
    assert main(["regenerate", str(tmp_path), *options]) == Exit.OK
    assert asked == [(tmp_path, kernels)]
