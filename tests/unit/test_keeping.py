"""What is kept between sessions: whole or not at all, by all it depends on, and within a bound."""

from __future__ import annotations

import os

import numpy as np
import pytest

from model.network import build
from neurochip_bench.accuracy.yardsticks import run_of
from neurochip_bench.backends import ORACLE
from neurochip_bench.suite import keeping
from neurochip_bench.suite.keeping import Kept, Truth, digest, packed, unpacked


def numbers(value=1.0, count=100):
    return {"a": np.full(count, value)}


def never():
    raise AssertionError("computed again")


def names(kept):
    return sorted(path.stem for path in kept.folder.glob("*"))


def test_what_was_computed_is_read_again(tmp_path):
    Kept(tmp_path).get("key", lambda: numbers(2.0))
    np.testing.assert_array_equal(Kept(tmp_path).get("key", never)["a"], numbers(2.0)["a"])


def test_without_a_folder_nothing_is_kept():
    kept = Kept(None)
    assert kept.get("key", numbers)["a"][0] == 1.0
    assert kept.read("key") is None
    assert kept.size() == 0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"no zip at all", "half"])
def test_a_damaged_file_is_computed_anew(tmp_path, content):
    kept = Kept(tmp_path)
    kept.write("key", numbers(2.0))
    path = tmp_path / "key.npz"
    path.write_bytes(path.read_bytes()[:200] if content == "half" else content)
    assert kept.get("key", lambda: numbers(3.0))["a"][0] == 3.0
    assert kept.get("key", never)["a"][0] == 3.0


def test_the_oldest_go_where_all_would_be_too_much(tmp_path):
    kept = Kept(tmp_path, bound=3500)  # an array of 100 numbers takes 1,062 bytes
    for age, key in enumerate("abc"):
        kept.write(key, numbers())
        os.utime(tmp_path / f"{key}.npz", (age, age))
    kept.read("a")  # the newest again
    kept.write("d", numbers())
    assert names(kept) == ["a", "c", "d"]
    assert kept.size() <= kept.bound


def test_what_is_beyond_the_bound_alone_is_not_kept(tmp_path):
    kept = Kept(tmp_path, bound=2000)
    kept.write("small", numbers())
    kept.write("large", numbers(count=1000))
    assert names(kept) == ["small"]


def test_what_another_session_cut_off_is_in_the_bound_too(tmp_path):
    (tmp_path / "key.123.npz").write_bytes(bytes(5000))
    os.utime(tmp_path / "key.123.npz", (0, 0))
    kept = Kept(tmp_path, bound=2000)
    kept.write("new", numbers())
    assert names(kept) == ["new"]


def test_a_file_is_there_whole_or_not_at_all(tmp_path, monkeypatch):
    def full_disk(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    assert Kept(tmp_path).get("key", numbers)["a"][0] == 1.0
    assert names(Kept(tmp_path)) == []


def test_a_folder_that_is_gone_or_is_none_does_no_harm(tmp_path):
    assert Kept(tmp_path / "gone").get("key", numbers)["a"][0] == 1.0
    (tmp_path / "file").write_text("")
    assert Kept(tmp_path / "file").get("key", numbers)["a"][0] == 1.0


@pytest.mark.parametrize("kernel", ["io", "hh"])
def test_a_kept_truth_is_the_run_and_who_made_it(tmp_path, kernel):
    network = build(kernel, 4, connected=False).rounded()
    run, kept = run_of(ORACLE, network, 3, np.full((3, 64), 60.0)), Kept(tmp_path)
    kept.write("key", packed(Truth(run, "jax-cpu-f64")))
    arrays = kept.read("key")
    assert arrays is not None
    again = unpacked(arrays, network)
    assert again.by == "jax-cpu-f64"
    for name in ("state", "first", "trace", "spike_times"):
        np.testing.assert_array_equal(getattr(again.run, name), getattr(run, name))


def test_digest_changes_with_whatever_may_change_a_run(monkeypatch, tmp_path):
    network = build("lif", 4).rounded()
    stimulus = np.zeros((5, 64), np.float32)
    found = [digest(network, 5, None), digest(network, 6, None), digest(network, 5, stimulus)]
    found += [digest(network, 5, stimulus + 1), digest(build("lif", 4, seed=1).rounded(), 5, None)]
    found += [digest(build("lif", 4, connected=False).rounded(), 5, None)]
    found += [digest(network.but(delays=delay), 5, None) for delay in (1.0, 2.0)]
    found += [digest(network.but(weights=0.5), 5, None), digest(network.but(parameters={"drive": 2.0}), 5, None)]
    for name, value in (("versions", dict), ("GIVEN", {"XLA_FLAGS": "x"}), ("SOURCES", (tmp_path,))):
        with monkeypatch.context() as changed:
            changed.setattr(keeping, name, value)
            found.append(digest(network, 5, None))
    assert len(set(found)) == len(found)
    assert digest(network, 5, None) == found[0]
