"""Stored runs are computed anew for the kernels that are named, and for no other."""

from __future__ import annotations

import json
import shutil
from functools import lru_cache, partial

import pytest

from model.kernels import KERNELS
from neurochip_bench.accuracy import regenerate as writer
from neurochip_bench.accuracy.cases import Case
from neurochip_bench.accuracy.reference import References
from neurochip_bench.accuracy.regenerate import regenerate
from neurochip_bench.cli import main

CASES = {case.name: case for case in (Case(kernel, True, 1, "walk") for kernel in KERNELS)}


# The same whenever they are computed; no case takes a standard network's yardsticks.
YARDSTICKS = lru_cache(maxsize=None)(writer.standard_yardsticks)
COMPUTED = lru_cache(maxsize=None)(partial(writer.compute, standard={}))


def shrink(patch):
    """A millisecond of each kernel, computed once for all these tests."""
    patch.setattr(writer, "standard_yardsticks", YARDSTICKS)
    patch.setattr(writer, "compute", lambda case, standard: COMPUTED(case))
    patch.setattr(writer, "CASES", CASES)
    patch.setattr(writer, "WINDOWS", (1,))
    patch.setattr(writer, "LONG_WINDOWS", ())


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    shrink(monkeypatch)


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """All that is stored, in this small form; with numbers of its own in the place of every kernel's."""
    folder = tmp_path_factory.mktemp("once")
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        regenerate(folder)
    for path in folder.glob("*.npz"):
        path.write_bytes(b"another " + path.name.encode())
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in manifest["yardsticks"]:
        manifest["yardsticks"][name]["1"]["floor"]["v1_mv"] = 0.1 + 0.2
    manifest["checksums"]["long.json"] = "of a table that lies beside them"
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    return folder


@pytest.fixture
def folder(once, tmp_path):
    """A copy of all that is stored."""
    return shutil.copytree(once, tmp_path / "stored")


def parts(folder):
    """Name to text of each file and of each entry of the manifest."""
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {path.name: path.read_bytes() for path in folder.glob("*.npz")}
    entries = {(part, name): json.dumps(entry) for part in manifest for name, entry in dict_of(manifest[part])}
    return {**files, **entries}


def dict_of(part):
    return part.items() if isinstance(part, dict) else [("", part)]


def about(kernel, name):
    return any(word.startswith((f"{kernel}-", kernel)) for word in (name if isinstance(name, tuple) else (name,)))


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_kernel_is_computed_anew_and_the_others_stay_byte_for_byte(folder, kernel):
    before = parts(folder)
    assert main(["regenerate", str(folder), "--kernel", kernel]) == 0
    after = parts(folder)
    assert set(after) == set(before)
    same = {name for name in before if before[name] == after[name]}
    assert {name for name in before if not about(kernel, name)} <= same
    assert f"{kernel}-connected-walk.npz" not in same
    assert ("yardsticks", f"{kernel}-connected") not in same
    assert References(folder).yardsticks(kernel, True, 1)


def test_the_order_of_the_manifest_stays_and_of_all_kernels_it_is_the_same_as_of_each(folder):
    for kernel in reversed(KERNELS):
        regenerate(folder, [kernel])
    text = (folder / "manifest.json").read_text()
    regenerate(folder)
    assert (folder / "manifest.json").read_text() == text


def test_what_is_written_is_what_is_believed(tmp_path):
    regenerate(tmp_path, ["lif"])
    stored = References(tmp_path)
    assert set(stored.manifest["cases"]) == {"lif-connected-walk"}
    run, yardsticks = stored.case("lif-connected-walk")
    assert len(run.codes) == 1
    assert yardsticks["step_error"]["spikes_per_cell"] == 2.0
    assert stored.has_yardsticks("lif", False)
    assert not stored.has_yardsticks("io", False)


def test_an_unknown_kernel_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match="unknown kernel 'izhikevich': expected one of"):
        regenerate(tmp_path / "new", ["izhikevich"])
    assert not (tmp_path / "new").exists()


def test_of_all_kernels_nothing_of_an_older_schema_stays_but_what_is_known_of_the_tables(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest.update(schema=1, forgotten="of schema 1")
    manifest["cases"]["gone"] = {}
    manifest["checksums"]["gone"] = manifest["written_by"]["gone"] = "of no kernel"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "gone.npz").write_bytes(b"a case that is no more")
    (folder / "mine.npz").write_bytes(b"of somebody else")
    with pytest.raises(ValueError, match="has schema 1"):
        regenerate(folder, ["lif"])
    regenerate(folder)
    after = References(folder).manifest
    assert "forgotten" not in after
    assert not any("gone" in after[part] for part in ("written_by", "cases", "checksums"))
    assert after["checksums"]["long.json"] == "of a table that lies beside them"
    assert {path.stem for path in folder.glob("*.npz")} == {*CASES, "mine"}


@pytest.mark.parametrize("text", ["", "[]", '{"schema": 3}', '{"checksums": [], "cases": 3}'])
def test_of_all_kernels_a_manifest_that_says_nothing_is_written_anew(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    regenerate(tmp_path)
    assert set(References(tmp_path).manifest["cases"]) == set(CASES)
