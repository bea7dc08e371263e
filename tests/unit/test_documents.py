"""Every command that a document, tox.ini or a workflow tells a person to type can be typed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from neurochip_bench.cli.group import COMMANDS, PROGRAM
from neurochip_bench.compare.errors import CompareError
from tests.helpers.documents import DOCUMENTS, ROOT, TOX, WORKFLOWS, check, commands

ALL = [*DOCUMENTS, TOX, *WORKFLOWS]
REFUSALS = (click.ClickException, CompareError, ValueError)


def text_of(path):
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_every_command_of_a_document_parses(path, pytestconfig):
    found = commands(path)
    assert found, f"no command was found in {path.name}"
    for command in found:
        try:
            check(command, pytestconfig)
        except REFUSALS as error:
            pytest.fail(f"{path.name}: {shlex.join(command)}: {error}")


def test_each_of_the_programs_is_found_and_every_subcommand_is_told_of():
    found = [command for path in ALL for command in commands(path)]
    assert {command[0] for command in found} == {PROGRAM, "pytest", "tox"}
    told = {command[1] for command in found if command[0] == PROGRAM and len(command) > 1}
    assert set(COMMANDS) <= told


WRONG = (
    "neurochip-bench report --no-such-option run.json",
    "neurochip-bench exporting -o io.onnx",
    "neurochip-bench export --kernel iou -o io.onnx",
    "neurochip-bench floor --bandwidth fast",
    "neurochip-bench compare base.json",
    "neurochip-bench compare base.json new.json --fail-slower 10",
    "neurochip-bench compare --repeat 9 --save before -- --no-such-option",
    "pytest --no-such-option",
    "pytest -p tests.helpers.slow --fast jax-cpu-f32=1.3",
    'pytest -m "cpu and toaster"',
    "tox -e toaster",
    "tox -e cpu -- --no-such-option",
    "tox -e report -- --no-such-option",
    "tox report",
)


@pytest.mark.parametrize("line", WRONG)
@pytest.mark.parametrize(
    "form", ["text `{}` text", "```\n{}   # a comment\n```", "```yaml\n- run: .tox/cpu/bin/{}\n```"]
)
def test_wrong_command_is_found_and_refused(line, form, tmp_path, pytestconfig):
    document = tmp_path / "document.md"
    document.write_text(form.format(line) + "\n", encoding="utf-8")
    (command,) = commands(document)
    with pytest.raises(REFUSALS):
        check(command, pytestconfig)


def test_every_file_that_a_document_links_is_there():
    for document in DOCUMENTS:
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text_of(document)):
            assert (document.parent / link).exists(), f"{document.name} links {link}"


def test_every_path_of_the_project_that_a_document_names_is_there():
    for document in DOCUMENTS:
        for name in re.findall(r"`((?:model|neurochip_bench|tests|docs)/[\w/.-]*)`", text_of(document)):
            assert (ROOT / name).exists(), f"{document.name} names {name}"


def test_every_extra_that_is_told_to_be_installed_is_there():
    tomllib = pytest.importorskip("tomllib")
    extras = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]["optional-dependencies"]
    code = [path for folder in ("model", "neurochip_bench") for path in (ROOT / folder).rglob("*.py")]
    told = [found for path in (*ALL, *code) for found in re.findall(r"'\.\[([\w,-]+)\]'", text_of(path))]
    assert told
    assert {name for found in told for name in found.split(",")} <= set(extras)


CODE = [path for folder in ("model", "neurochip_bench", "tests") for path in (ROOT / folder).rglob("*.py")]


def test_sentences_name_subcommands_that_there_are_and_no_module_but_the_workers():
    modules = {"neurochip_bench", "neurochip_bench.backends.remote.serve", "neurochip_bench.peers.neuron_child"}
    for path in {*ALL, *CODE} - {Path(__file__)}:
        assert path in ALL or set(re.findall(rf"\b{PROGRAM} ([a-z]+(?:-[a-z]+)*)\b", text_of(path))) <= {*COMMANDS}, (
            path
        )
        assert set(re.findall(r"-m (neurochip_bench[\w.]*)", text_of(path))) <= modules, path


def test_no_module_but_the_workers_and_the_command_runs_by_itself():
    alone = {
        str(path.relative_to(ROOT))
        for folder in ("model", "neurochip_bench")
        for path in (ROOT / folder).rglob("*.py")
        if '__name__ == "__main__"' in text_of(path)
    }
    assert alone == {
        "neurochip_bench/__main__.py",
        "neurochip_bench/backends/remote/serve.py",
        "neurochip_bench/energy/ipu_powers.py",
        "neurochip_bench/peers/neuron_child.py",
    }
