"""`neurochip-bench export`: what it prints, what it leaves behind, and what it says to bad input."""

from __future__ import annotations

import os

import pytest

from model.network import build
from neurochip_bench.backends.onnx.export import export
from neurochip_bench.backends.onnx.file import save
from neurochip_bench.backends.onnx.targets import KNOWN
from tests.helpers.commands import export as main

SMALL = ("--kernel", "lif", "--side", "4", "--connected")


@pytest.fixture(autouse=True, scope="module")
def library():
    """Imported here, since collecting tests must not."""
    pytest.importorskip("onnx")


def load(path):
    import onnx

    return onnx.load(path)


def command(capsys, *arguments):
    """(exit code, lines printed, lines of errors)."""
    code = main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return code, printed.out.splitlines(), printed.err.splitlines()


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_command_writes_the_file_and_says_what_is_in_it(tmp_path, capsys):
    path = tmp_path / "lif.onnx"
    code, lines, errors = command(capsys, *SMALL, "--coupling", "dense", "-o", path)
    graph = load(path).graph
    size = f"{path.stat().st_size:,} bytes, opset 16, IR version 8"
    assert (code, errors, len(lines)) == (0, [], 6)
    assert lines[0].startswith(f"{path}, in ")
    assert lines[1].startswith(f"{len(graph.node)} nodes: ")
    assert sum(int(part.split()[-1]) for part in lines[1].split(": ")[1].split(", ")) == len(graph.node)
    assert lines[2:] == [
        size,
        "inputs: state (2, 64)",
        "outputs: state_next (2, 64)",
        "known to reject it, or to compute it wrongly: nobody",
    ]


def test_command_counts_the_nodes_of_a_loop_and_names_who_rejects_it(tmp_path, capsys):
    loop = ("--coupling", "gather-scatter", "--inputs", "graph", "--steps", "40", "--loop")
    code, lines, errors = command(capsys, *SMALL, *loop, "-o", tmp_path / "loop.onnx")
    named = [target for target, operator, _, _ in KNOWN if operator in ("Loop", "ScatterElements")]
    assert (code, errors) == (0, [])
    assert "Loop 1" in lines[1]
    assert "ScatterElements 1" in lines[1]
    assert lines[3] == "inputs: state (2, 64), sources (1, 320), targets (1, 320), weights ()"
    assert len(lines[6:]) == len(named) == 5
    assert all(line.startswith(f"  {target} ") for line, target in zip(lines[6:], named))


def test_command_replaces_a_file_whole(tmp_path, capsys):
    path = tmp_path / "lif.onnx"
    path.write_bytes(b"old")
    code, *_ = command(capsys, *SMALL, "-o", path)
    assert code == 0
    assert load(path).metadata_props
    assert list(contents(tmp_path)) == [path.relative_to(tmp_path)]


BAD = {
    "opset": (("--opset", "99"), "opset is 99: expected 13 to"),
    "opset-of-a-sum": (("--coupling", "gather-scatter", "--opset", "13"), "opset is 13: expected at least 16 for"),
    "side": (("--side", "2"), "side is 2: expected a whole number of at least 4"),
    "input": (("--inputs", "graph,weights"), "unknown input 'weights': expected one of graph, parameters"),
    "seed": (("--seed", "-1"), "seed is -1: expected a whole number of at least 0"),
    "topology": (("--topology", "ring"), "unknown topology 'ring': expected one of paper, authors"),
    "dt": (("--dt", "0.3"), "dt is 0.3: expected a step that divides a millisecond"),
    "steps": (("--steps", "0"), "steps is 0: expected a whole number of at least 1"),
}


@pytest.mark.parametrize("before", [None, b"mine"], ids=["nothing-there", "a-file-there"])
@pytest.mark.parametrize(("arguments", "sentence"), BAD.values(), ids=BAD)
def test_bad_input_gets_one_line_and_leaves_the_folder_as_it_was(arguments, sentence, before, tmp_path, capsys):
    path = tmp_path / "lif.onnx"
    if before:
        path.write_bytes(before)
    kept = contents(tmp_path)
    code, lines, errors = command(capsys, *SMALL, *arguments, "-o", path)
    assert (code, lines, len(errors)) == (4, [], 1)
    assert errors[0].startswith(f"error: {sentence}")
    assert contents(tmp_path) == kept


OUTPUTS = {
    "folder-missing": "missing/lif.onnx",
    "file-as-folder": "file/lif.onnx",
    "folder-as-file": "folder",
    "name-too-long": f"{'x' * 300}.onnx",
}


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
def test_output_that_cannot_be_written_gets_one_line_and_leaves_nothing(output, tmp_path, capsys):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"mine")
    kept = contents(tmp_path)
    code, lines, errors = command(capsys, *SMALL, "-o", tmp_path / output)
    assert (code, lines, len(errors)) == (4, [], 1)
    assert errors[0].startswith(f"error: output is {tmp_path / output}: expected a file")
    assert contents(tmp_path) == kept


def test_file_that_breaks_while_it_is_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "lif.onnx"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        save(export(build("lif", 4)), path)
    assert contents(tmp_path) == {path.relative_to(tmp_path): b"old"}
