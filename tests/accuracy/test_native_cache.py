"""Native programs are compiled once and kept: read where they are whole and the user's own, never where it is timed."""

from __future__ import annotations

import importlib
import os
import shutil
import stat
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from model.kernels import KERNELS
from model.network import build
from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.native import cache, compiled
from neurochip_bench.settings import Settings
from neurochip_bench.suite.row import Row

SINGLE, LIF = BACKENDS["numba-cpu-f32"], KERNELS["lif"]
NETWORK = build("lif", 4, connected=False).rounded()
ANEW = "made anew"
if find_spec("numba") is None:
    pytest.skip(SINGLE.missing() or "", allow_module_level=True)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A cache of one's own, empty, and a process that has compiled nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(compiled, "_made", {})
    return tmp_path / "neurochip-bench" / "native"


class Once(NamedTuple):
    """What compiling `NETWORK`'s program once left and took, and what the program computed."""

    cache: Path
    elsewhere: Path  # where Numba's settings have its cache meanwhile
    config: str  # what they say afterwards
    read: bool
    seconds: float
    trace: np.ndarray


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A cache with one entry, compiled where the user has a NUMBA_CACHE_DIR."""
    folder, config = tmp_path_factory.mktemp("once"), importlib.import_module("numba.core.config")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        patch.setattr(compiled, "_made", {})
        patch.setattr(config, "CACHE_DIR", str(folder / "elsewhere"))
        made = SINGLE.prepare(NETWORK)
        read = was_read(next(iter(compiled._made.values())))
        found = folder / "neurochip-bench", folder / "elsewhere", config.CACHE_DIR
    return Once(*found, read, made.compile_s, made.run(3).trace)


@pytest.fixture
def filled(home, once):
    """The cache with one entry, which the process has forgotten."""
    shutil.copytree(once.cache, home.parent)
    return home


@pytest.fixture
def none_made(monkeypatch):
    """Nothing is compiled from now on, but said to be."""
    monkeypatch.setattr(compiled, "made", lambda asked, folder: ANEW)


def asked(text=""):
    """The program of `NETWORK`, cut where a text begins."""
    whole = compiled.asked(LIF, Settings(LIF), np.dtype(np.float32))
    return whole._replace(text=whole.text[: whole.text.index(text)]) if text else whole


def program(cold=False):
    """The program of `NETWORK`."""
    return compiled.program(asked(), cold)


def nothing():
    """A program that does nothing, which takes no time to compile."""
    return compiled.program(asked("    L = carray("), False)


def entry_in(home):
    (entry,) = home.glob("lif-*")
    return entry


def was_read(run):
    return bool(sum(run.stats.cache_hits.values()))


def compiles(run):
    return len(run.signatures) == 1 and not was_read(run)


def test_what_was_compiled_is_read_the_next_time(filled, none_made):
    assert was_read(program())


def test_a_disk_that_is_full_keeps_nobody_from_compiling(home, monkeypatch):
    def full(inside):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache, "beginning", full)
    assert compiles(nothing())
    assert not list(home.glob("*"))


def test_what_is_timed_is_compiled_whatever_is_there(filled, none_made):
    assert program(cold=True) == ANEW
    compiled._made.clear()
    assert was_read(program())
    assert program(cold=True) == ANEW


def test_what_was_read_computes_what_was_compiled(filled, once):
    read = SINGLE.prepare(NETWORK).run(3)
    assert was_read(next(iter(compiled._made.values())))
    assert not once.read
    assert np.array_equal(read.trace, once.trace)


def test_rows_ask_for_a_compilation():
    asked = []

    class Asking:
        program = SINGLE.program

        @staticmethod
        def prepare(network, coupling, **options):
            asked.append(options)

    row = Row.__new__(Row)
    vars(row).update(backend=Asking, network=NETWORK, coupling=None)
    row.prepare()
    assert asked == [{"cold": True}]


def test_an_entry_is_a_module_that_can_be_read_in_folders_of_the_users_alone(filled):
    (source,) = entry_in(filled).glob("*.py")
    assert source.name == "lif.py"
    assert source.read_text().startswith('"""lif: unconnected, safe rates, plain accumulation, f32.')
    for folder in (filled, entry_in(filled)):
        assert not stat.S_IMODE(folder.stat().st_mode) & 0o022


@pytest.mark.parametrize("file", ["*.py", "__pycache__/*.nbi", "__pycache__/*.nbc", "sums.txt"])
def test_a_damaged_entry_is_compiled_anew(filled, file, none_made):
    (path,) = entry_in(filled).glob(file)
    path.write_bytes(path.read_bytes()[:-9] + b"123456789")
    assert program() == ANEW
    assert not list(filled.glob("lif-*"))


def test_an_entry_that_numba_cannot_read_is_compiled_anew(filled, none_made):
    entry = entry_in(filled)
    for path in (entry / "__pycache__").glob("*.nb*"):
        path.write_bytes(b"of another Numba")
    (entry / "sums.txt").write_text(cache.sums(entry))
    assert program() == ANEW


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="a profile on Windows is its user's")
@pytest.mark.parametrize("place", ["entry", "folder", "above"])
def test_nothing_is_read_where_others_may_write(filled, place, none_made):
    chosen = {"entry": entry_in(filled), "folder": filled, "above": filled.parent}[place]
    chosen.chmod(0o777)
    assert program() == ANEW


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="a profile on Windows is its user's")
def test_nothing_is_read_of_another_user(filled, none_made, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert cache.folder() is None
    assert program() == ANEW


def test_without_a_folder_it_is_compiled_and_nothing_kept(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(compiled, "_made", {})
    assert compiles(nothing())
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_who_comes_second_leaves_the_entry_of_the_first(filled):
    entry = entry_in(filled)
    first = (entry / "sums.txt").read_text()
    made = cache.beginning(filled)
    (made / "lif.py").write_text("a second one")
    cache.finish(made, entry)
    assert (entry / "sums.txt").read_text() == first
    assert [path.name for path in filled.iterdir()] == [entry.name]


@pytest.mark.slow  # two interpreters import Numba: three seconds
def test_two_processes_at_once_leave_one_whole_entry_that_a_third_reads(home):
    code = (
        "import numba; from model.network import build; from neurochip_bench.backends import BACKENDS; print(input()); "
        "print(BACKENDS['numba-cpu-f32'].prepare(build('lif', 4, connected=False)).run(2).state.sum())"
    )
    command, root, pipe = [sys.executable, "-c", code], Path(__file__).parents[2], subprocess.PIPE
    with subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe, text=True, bufsize=1) as other:
        other.stdin.write("both compile from here on\n")
        assert other.stdout.readline()
        mine = SINGLE.prepare(build("lif", 4, connected=False)).run(2).state.sum()
        assert other.stdout.read().strip() == str(mine)
    assert cache.whole(entry_in(home))
    assert len(list(home.iterdir())) == 1
    compiled._made.clear()
    for name in [name for name in sys.modules if name.startswith("neurochip_bench_lif")]:
        del sys.modules[name]
    assert was_read(program())


def test_a_warm_start_is_measured_by_a_cache_of_its_own(filled, once):
    program = SINGLE.prepare(NETWORK)
    before, first = set(filled.iterdir()), program.run(3)
    seconds = program.warm_compile()
    assert 0 < seconds < once.seconds
    assert set(filled.iterdir()) == before
    assert np.array_equal(program.run(3).trace, first.trace)


def test_the_users_numba_cache_dir_is_left_alone(once):
    assert once.config == str(once.elsewhere)
    assert not once.elsewhere.exists()
    assert list((entry_in(once.cache / "native") / "__pycache__").glob("*.nbc"))
