"""A stored run is believed only if it is what the manifest says."""

from __future__ import annotations

import hashlib
import json
import shutil

import numpy as np
import pytest

from neurochip_bench.accuracy.cases import CASES
from neurochip_bench.accuracy.reference import References, unpack, write_table

NAME = "lif-unconnected-walk"


@pytest.fixture
def folder(tmp_path, references):
    """A copy of the manifest and one stored run, to be spoilt."""
    for file in ("manifest.json", f"{NAME}.npz"):
        shutil.copy(references.folder / file, tmp_path)
    return tmp_path


def changed(folder, change):
    """A copy of the manifest with one thing changed."""
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return References(folder)


def npz(path, **arrays):
    np.savez(path, **arrays)
    return path.read_bytes()


def truncated(folder):
    return (folder / f"{NAME}.npz").read_bytes()[:500]


def with_objects(folder):
    return npz(folder / "objects.npz", state=np.array([{"a": 1}], dtype=object))


def with_other_arrays(folder):
    return npz(folder / "other.npz", weights=np.zeros(3))


def with_a_pickle(folder):
    np.save(folder / "pickle.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return (folder / "pickle.npy").read_bytes()


SPOILT = [truncated, with_objects, with_other_arrays, with_a_pickle, lambda folder: b"", lambda folder: b"no archive"]


@pytest.mark.parametrize("content", SPOILT)
def test_spoilt_run_is_refused_by_its_checksum(folder, content):
    (folder / f"{NAME}.npz").write_bytes(content(folder))
    with pytest.raises(ValueError, match=rf"{NAME}.npz has checksum \w+: expected \w+"):
        References(folder).case(NAME)


@pytest.mark.parametrize("content", SPOILT)
def test_spoilt_run_with_a_right_checksum_is_refused_by_its_content(folder, content):
    with pytest.raises(ValueError, match=r"x.npz is not a stored run .*: expected an npz of state, first, trace"):
        unpack("x.npz", content(folder), CASES[NAME])


def test_missing_run_is_named(folder):
    (folder / f"{NAME}.npz").unlink()
    with pytest.raises(ValueError, match=rf"{NAME}.npz cannot be read \(.*\): expected a stored run"):
        References(folder).case(NAME)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 99}', "{not json", "3"])
def test_foreign_manifest_is_refused(folder, text):
    (folder / "manifest.json").write_text(text)
    with pytest.raises(ValueError, match=r"manifest.json .*expected"):
        References(folder)


def test_missing_manifest_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"manifest.json cannot be read .*: expected"):
        References(tmp_path)


def half(stored, *path):
    """Halve one of the stored numbers."""
    for key in path[:-1]:
        stored = stored[key]
    stored[path[-1]] /= 2


@pytest.mark.parametrize("kind", ["floor", "step_error"])
def test_a_changed_yardstick_is_refused_by_its_checksum(folder, kind):
    spoilt = changed(folder, lambda m: half(m, "yardsticks", "io-connected", "100", kind, "v1_mv"))
    sentence = r"yardsticks of io-connected have checksum \w+: expected \w+"
    for milliseconds in (1, 100):  # any window of them
        with pytest.raises(ValueError, match=sentence):
            spoilt.yardsticks("io", True, milliseconds)
    assert spoilt.yardsticks("io", False, 100)


def test_a_changed_yardstick_of_a_stored_run_is_refused_by_its_checksum(folder):
    spoilt = changed(folder, lambda m: half(m, "cases", NAME, "yardsticks", "floor", "v1_mv"))
    with pytest.raises(ValueError, match=rf"yardsticks of {NAME} have checksum \w+: expected \w+"):
        spoilt.case(NAME)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("long.json", ("validation", "3000", "floor", "v1_mv")),
        ("stress.json", ("yardsticks", "step_error", "v1_mv")),
    ],
)
def test_a_changed_yardstick_of_a_long_experiment_is_refused_by_its_checksum(folder, references, name, path):
    table = references.table(name)
    half(table, *path)
    (folder / name).write_text(json.dumps(table))
    with pytest.raises(ValueError, match=rf"yardsticks of {name} have checksum \w+: expected \w+"):
        References(folder).table(name)


def test_a_missing_table_and_a_missing_checksum_are_said(folder, references):
    with pytest.raises(ValueError, match=r"long.json cannot be read \(.*\): expected a table of yardsticks"):
        References(folder).table("long.json")
    without = changed(folder, lambda m: m["checksums"].pop("lif-connected"))
    with pytest.raises(
        ValueError, match=r"yardsticks of lif-connected have checksum \w+: expected one in the manifest"
    ):
        without.yardsticks("lif", True, 1)


def test_a_table_is_written_with_its_checksum(folder):
    write_table(folder / "long.json", {"stress": {"6000": {"floor": {"v1_mv": 0.1}}}})
    assert References(folder).table("long.json") == {"stress": {"6000": {"floor": {"v1_mv": 0.1}}}}


def test_everything_stored_has_its_checksum(references):
    tables = {path.name for path in references.folder.glob("*.json")} - {"manifest.json"}
    assert set(references.manifest["checksums"]) == {*references.manifest["yardsticks"], *CASES, *tables}
    for name in CASES:
        references.case(name)
    for name in tables:
        references.table(name)


def test_unknown_case_and_window_list_the_known(references):
    with pytest.raises(ValueError, match="unknown case 'nonsense': expected one of"):
        references.case("nonsense")
    with pytest.raises(ValueError, match="no yardsticks for a window of 7 ms: expected one of 1, 2, 5"):
        references.yardsticks("io", True, 7)


def test_stored_run_is_what_was_checked(folder, references):
    run, yardsticks = References(folder).case(NAME)
    assert np.array_equal(run.state, references.case(NAME)[0].state)
    assert set(yardsticks) == {"floor", "step_error"}
    entry = json.loads((folder / "manifest.json").read_text())["cases"][NAME]
    assert entry["sha256"] == hashlib.sha256((folder / f"{NAME}.npz").read_bytes()).hexdigest()
