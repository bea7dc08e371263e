"""Files are written whole or not at all: devices, links, modes, full disks; and where runs are saved."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from model.network import build
from neurochip_bench import files
from neurochip_bench.accuracy.reference import write as write_reference
from neurochip_bench.cli.asked import append as append_markdown
from neurochip_bench.compare.errors import CompareError
from neurochip_bench.keep import outputs, writing
from tests.helpers.commands import export
from tests.helpers.documents import ROOT
from tests.helpers.sessions import RUN, ran


@pytest.fixture
def full(monkeypatch):
    """A disk that takes nothing more."""

    def fsync(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.fixture
def umask():
    """Sets the umask until the test ends."""
    before = os.umask(0)
    yield os.umask
    os.umask(before)


def logger():
    return SimpleNamespace(info=lambda *_, **__: None)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def save_output(path):
    outputs.keep(path, "a", SimpleNamespace(state=np.zeros(3)))


def save_json(path):
    writing.write_json(SimpleNamespace(json=path, logger=logger()), {"benchmarks": []})


def save_run(path):
    writing.Storage(path, logger(), "machine").save({"benchmarks": []}, "x")


def export_lif(path):
    pytest.importorskip("onnx")
    from neurochip_bench.backends.onnx.export import export
    from neurochip_bench.backends.onnx.file import save

    save(export(build("lif", 4, connected=False)), path)


def draw(path):
    pytest.importorskip("matplotlib")
    from neurochip_bench.tools import precision

    stored = json.loads((ROOT / "tests" / "accuracy" / "reference" / "stress.json").read_text())
    precision.draw(stored, path)


WRITERS = {
    "export": export_lif,
    "picture": draw,
    "table": lambda path: write_reference(path, {"spikes": 592}),
    "--benchmark-json": save_json,
    "network": lambda path: build("lif", 4, connected=False).save(path),
}
INTO_FOLDERS = {"outputs": save_output, "--benchmark-save": save_run}


MASKS = [(name, mask) for name in WRITERS for mask in (0o077, 0o022, 0o002)[: 1 if name == "picture" else 3]]


@pytest.mark.parametrize(("name", "mask"), MASKS)  # drawing the picture takes its time
def test_new_file_has_the_mode_of_the_umask_and_another_the_one_it_had(name, mask, tmp_path, umask):
    umask(mask)
    WRITERS[name](tmp_path / "new.svg")
    (tmp_path / "old.svg").touch(mode=0o600)
    WRITERS[name](tmp_path / "old.svg")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("new.svg", "old.svg")]
    assert modes == [0o666 & ~mask, 0o600 & ~mask]
    assert names(tmp_path) == ["new.svg", "old.svg"]


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)
def test_link_is_followed_and_stays_a_link(writer, tmp_path):
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "target.svg", tmp_path / "link.svg"
    target.write_text("old")
    link.symlink_to(target)
    writer(link)
    assert link.is_symlink()
    assert not target.is_symlink()
    assert target.read_bytes() != b"old"
    assert names(tmp_path / "there") == ["target.svg"]


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)
def test_device_is_written_to_and_stays_one(writer, tmp_path):
    pipe = tmp_path / "pipe"  # of all that is no file, what anybody can make
    os.mkfifo(pipe)
    with subprocess.Popen(["wc", "-c", pipe], stdout=subprocess.PIPE, text=True) as reader:
        try:
            writer(pipe)
            assert int(reader.communicate(timeout=10)[0].split()[0]) > 0
        finally:
            reader.kill()  # who waits for a writer that failed waits for ever
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_null_device_takes_an_export_and_stays(tmp_path):
    pytest.importorskip("onnx")
    null = tmp_path / "null"  # a second one: who runs tests as root shall not lose the first
    try:
        os.mknod(null, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        null.open("w").close()
    except OSError:
        pytest.skip("devices are made by root")
    assert export(["--kernel", "lif", "--side", "4", "-o", null]) == 0
    assert stat.S_ISCHR(null.stat().st_mode)


def test_export_to_stdout_is_the_file_alone(tmp_path):
    onnx = pytest.importorskip("onnx")
    command = [sys.executable, "-m", "neurochip_bench", "export", "--kernel", "lif", "--side", "4", "-o", "/dev/stdout"]
    with (tmp_path / "lif.onnx").open("wb") as file:
        ran = subprocess.run(command, cwd=ROOT, check=True, stdout=file, stderr=subprocess.PIPE, text=True)
    onnx.checker.check_model(onnx.load(tmp_path / "lif.onnx"))
    assert ran.stderr.startswith("/dev/stdout, in ")


def test_network_to_stdout_is_the_file_alone(tmp_path):
    build("lif", 4).save(tmp_path / "mine.npz")
    command = [sys.executable, "-m", "neurochip_bench", "network", str(tmp_path / "mine.npz"), "-o", "/dev/stdout"]
    with (tmp_path / "again.npz").open("wb") as file:
        ran = subprocess.run(command, cwd=ROOT, check=True, stdout=file, stderr=subprocess.PIPE, text=True)
    with np.load(tmp_path / "mine.npz") as mine, np.load(tmp_path / "again.npz") as again:
        assert mine.files == again.files
    assert (tmp_path / "again.npz").read_bytes().startswith(b"PK")  # no text before it, which NumPy would step over
    assert "64 cells" in ran.stderr


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)
def test_full_disk_leaves_what_was_there(writer, tmp_path, full):
    path = tmp_path / "file.svg"
    path.write_text("old")
    with pytest.raises((OSError, ValueError, pytest.exit.Exception), match="No space left on device"):
        writer(path)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file.svg"]


@pytest.mark.parametrize("writer", INTO_FOLDERS.values(), ids=INTO_FOLDERS)
def test_full_disk_leaves_no_file_in_a_folder(writer, tmp_path, full):
    with pytest.raises((OSError, pytest.exit.Exception), match="No space left on device"):
        writer(tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("writer", INTO_FOLDERS.values(), ids=INTO_FOLDERS)
def test_disk_with_room_has_one_file_in_a_folder(writer, tmp_path):
    writer(tmp_path)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_error_names_the_file_that_was_asked_for(tmp_path, full):
    with pytest.raises(OSError, match=r"No space left on device: '.*/table\.json'"):
        files.write(tmp_path / "table.json", "")


def test_comparison_that_cannot_be_appended_leaves_the_summary_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "summary.md"
    append_markdown(path, "first\n")

    def part(file, content):
        file.write(content[:3])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "_all", part)
    with pytest.raises(CompareError, match=r"summary\.md: cannot be written: No space left on device"):
        append_markdown(path, "second\n")
    assert path.read_text() == "first\n"


def test_summary_is_appended_to_files_and_pipes(tmp_path):
    path = tmp_path / "summary.md"
    for line in ("first – 1\n", "second\n"):
        files.append(path, line)
    assert path.read_text(encoding="utf-8") == "first – 1\nsecond\n"
    files.append("/dev/null", "lost")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, True) for name in ("new", "file", "link")),
        *((name, False) for name in ("gone/new", "folder", "file/new", "broken")),
    ],
)
def test_what_can_be_written_is_known_beforehand(name, expected, tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder/target")
    (tmp_path / "broken").symlink_to("gone/target")
    path = tmp_path / name
    assert files.can_be_written(path) is expected
    if expected:
        files.write(path, "text")
    else:
        with pytest.raises(OSError, match=path.name):
            files.write(path, "text")


def config(folder, **options):
    """The part of pytest's configuration that says where a run is saved."""
    asked = {
        "benchmark_save": None,
        "benchmark_autosave": None,
        "benchmark_json": None,
        "benchmark_compare": [],
        **options,
    }
    return SimpleNamespace(option=SimpleNamespace(**asked), invocation_params=SimpleNamespace(dir=folder))


@pytest.mark.parametrize(
    ("options", "unwritable", "expected"),
    [
        ({"benchmark_json": "there/x.json"}, False, "storage"),
        ({"benchmark_json": "there/x.json"}, True, "there"),
        ({"benchmark_json": "/dev/null"}, True, "storage"),
        ({"benchmark_json": "there/x.json", "benchmark_save": "x"}, True, "storage"),
        ({"benchmark_save": "x"}, True, "storage"),
    ],
)
def test_journal_lies_beside_the_json_where_the_storage_cannot_be_written(options, unwritable, expected, tmp_path):
    (tmp_path / "there").mkdir()
    if unwritable:
        (tmp_path / "storage").touch()
    assert writing.kept_in(config(tmp_path, **options), tmp_path / "storage") == tmp_path / expected


def test_json_that_cannot_be_written_is_refused_before_a_row_runs(tmp_path):
    path = tmp_path / "gone" / "x.json"
    code, output = ran(tmp_path, RUN, f"--benchmark-json={path}", save=False)
    assert (code, output.strip()) == (
        4,
        f"ERROR: --benchmark-json {path}: cannot be written: expected a file in a folder that is there",
    )


@pytest.mark.parametrize(("option", "name"), [("outputs", "--outputs"), ("xmlpath", "--junitxml")])
def test_folder_that_cannot_be_made_is_refused_before_a_row_runs(option, name, tmp_path):
    (tmp_path / "file").touch()
    writing.check(config(tmp_path, **{option: "new/folder/x.xml"}))
    with pytest.raises(pytest.UsageError, match=rf"{name} file/folder/x.xml: cannot be written: expected .* a folder"):
        writing.check(config(tmp_path, **{option: "file/folder/x.xml"}))


@pytest.mark.parametrize(
    ("compared", "refused"), [("tests/perf/test_run.py::test_run", True), ("0001", False), (True, False)]
)
def test_test_that_stands_where_a_saved_run_is_expected_is_a_sentence(compared, refused, tmp_path):
    asked = config(tmp_path, benchmark_compare=compared)
    if refused:
        with pytest.raises(pytest.UsageError, match="expected the number of a saved run or its file"):
            writing.check(asked)
    else:
        writing.check(asked)
