"""A run goes on only where it is the same that was begun: what tells it from another, and what does not matter."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from neurochip_bench.additions.sources import place
from neurochip_bench.backends.given import given
from neurochip_bench.keep import conditions, machine, saving, versions
from neurochip_bench.keep.journal import FORM, Journal
from neurochip_bench.peers import PEERS


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A copy of what runs rows, without git, and the folder of its pytest.ini."""
    root = Path(__file__).parents[2]
    for name in ("model", "neurochip_bench", "tests/perf"):
        shutil.copytree(root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conftest.py", "pytest.ini"):
        shutil.copy(root / name, tmp_path / name)
    for package in (versions.model, versions.neurochip_bench):
        monkeypatch.setattr(package, "__path__", [str(tmp_path / package.__name__)])
    return tmp_path


def config(root, *arguments):
    asked = SimpleNamespace(args=arguments)
    return SimpleNamespace(rootpath=root, invocation_params=asked, getoption=lambda name, otherwise: otherwise)


@pytest.mark.parametrize(
    "name",
    [
        "model/kernels/lif.py",
        "neurochip_bench/run.py",
        "neurochip_bench/backends/jax_xla.py",
        "neurochip_bench/peers/mechanisms/hh.mod",
        "tests/perf/test_run.py",
        "conftest.py",
        "pytest.ini",
    ],
    ids=lambda name: name.rpartition("/")[2],
)
def test_edit_that_nobody_committed_is_another_run(checkout, tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("saved")
    Journal.create(folder, "x", conditions.conditions(config(checkout)))
    before = versions.sources(checkout)
    with (checkout / name).open("a") as file:
        file.write("# an edit\n")
    now = versions.sources(checkout)
    with pytest.raises(pytest.UsageError, match=f"has sources '{before}': expected '{now}', as now; without --resume"):
        saving.resumed(config(checkout), "x", folder)


def test_sources_are_told_apart_by_the_names_of_files_too(checkout):
    before = versions.sources(checkout)
    (checkout / "model" / "new.py").touch()
    there = versions.sources(checkout)
    (checkout / "model" / "new.py").rename(checkout / "model" / "newer.py")
    assert len({before, there, versions.sources(checkout)}) == 3


def test_neither_git_nor_documents_nor_what_only_reads_saved_runs_is_another_run(checkout):
    before = versions.sources(checkout)
    subprocess.run(["git", "init", "--quiet", str(checkout)], check=True)
    (checkout / "model" / "__pycache__").mkdir()
    (checkout / "model" / "__pycache__" / "x.pyc").touch()
    (checkout / "neurochip_bench" / "README.md").touch()
    (checkout / "neurochip_bench" / "report" / "new.py").touch()
    assert versions.sources(checkout) == before


SOURCES, VERSIONS = lru_cache(versions.sources), lru_cache(versions.versions)


@pytest.fixture
def read_once(monkeypatch):
    """Sources and versions that do not change meanwhile, and are not read again."""
    monkeypatch.setattr(conditions, "sources", SOURCES)
    monkeypatch.setattr(conditions, "versions", VERSIONS)


@pytest.mark.parametrize("what", ["machine", "threads", "arguments", "sources", "python", "numpy", "pytest-benchmark"])
def test_run_that_was_begun_under_other_conditions_is_not_gone_on_with(read_once, pytestconfig, tmp_path, what):
    here = conditions.conditions(pytestconfig)
    Journal.create(tmp_path, "x", {**here, what: "another"})
    with pytest.raises(pytest.UsageError, match=f"has {what} 'another': expected .*, as now"):
        saving.resumed(pytestconfig, "x", tmp_path)
    Journal.create(tmp_path, "y", here)
    assert saving.resumed(pytestconfig, "y", tmp_path).read().header["conditions"] == here


@pytest.mark.parametrize("there", [{}, {"XLA_FLAGS": "--xla_cpu_enable_fast_math=true"}])
def test_run_that_was_begun_in_another_environment_is_not_gone_on_with(
    read_once, pytestconfig, tmp_path, monkeypatch, there
):
    monkeypatch.setattr(conditions, "GIVEN", there)
    Journal.create(tmp_path, "x", conditions.conditions(pytestconfig))
    monkeypatch.setattr(conditions, "GIVEN", {"XLA_FLAGS": "--xla_cpu_enable_fast_math=false"})
    was = repr(there["XLA_FLAGS"]) if there else "absent"
    with pytest.raises(pytest.UsageError, match=f"has XLA_FLAGS {was}: expected '--xla_cpu_enable_fast_math=false'"):
        saving.resumed(pytestconfig, "x", tmp_path)


def test_settings_that_matter_are_told_from_those_that_change_nothing_that_runs():
    matter = (
        "JAX_DISABLE_JIT", "KMP_AFFINITY", "MKL_CBWR", "NEUROCHIP_IPU_PYTHON", "NUMBA_OPT", "OMP_NUM_THREADS",
        "OMP_WAIT_POLICY", "ONEDNN_MAX_CPU_ISA", "OPENBLAS_CORETYPE", "ORT_DISABLE_FUSION", "TF_XLA_FLAGS", "XLA_FLAGS",
    )  # fmt: skip
    other = (
        "HOME", "JAX_LOG_COMPILES", "MKL_VERBOSE", "NEUROCHIP_JOURNAL", "NEUROCHIP_SUPERVISOR", "OPENBLAS_NUM_THREADS",
        "ORT_TENSORRT_FP16_ENABLE", "PYTEST_CURRENT_TEST", "TF_CPP_MIN_LOG_LEVEL", "TF_VAR_secret",
    )  # fmt: skip
    assert given(dict.fromkeys((*other, *matter), "1")) == dict.fromkeys(matter, "1")


def test_what_a_library_adds_to_the_environment_is_no_condition(read_once, pytestconfig, monkeypatch):
    before = conditions.conditions(pytestconfig)
    monkeypatch.setenv("XLA_FLAGS", "--xla_added_by_a_library=1")
    assert conditions.conditions(pytestconfig) == before


def test_machine_is_told_by_cores_vectors_memory_and_board(monkeypatch):
    known = {"processor_name": "Neoverse-V2 (m8g.large)", "cores": 2, "vectors": "sve2", "memory_gib": 7.6}
    asked: dict[str, object] = {}

    def describe(cpu):
        asked.update(cpu)
        return known

    monkeypatch.setattr(machine, "describe", describe)
    monkeypatch.setattr(machine.platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(machine.platform, "system", lambda: "Linux")
    assert machine.in_words() == "Neoverse-V2 (m8g.large), 2 cores, sve2, 7.6 GiB, Linux"
    assert asked["arch"] == "ARM"  # of which `describe` tells the board


def test_child_does_not_go_on_behind_an_edit(read_once, pytestconfig, tmp_path, monkeypatch):
    journal = Journal.create(tmp_path, "x", {**conditions.conditions(pytestconfig), "sources": "another"})
    ended: list[int] = []
    child = SimpleNamespace(
        journal=journal, follow_parent=lambda config: None, ended=lambda code, end: ended.append(end(code))
    )
    config = SimpleNamespace(
        pluginmanager=SimpleNamespace(register=lambda *_: None),
        invocation_params=pytestconfig.invocation_params,
        getoption=lambda name, otherwise: otherwise,
        rootpath=pytestconfig.rootpath,
    )
    monkeypatch.setattr(saving.Child, "of_environment", lambda: child)
    with pytest.raises(pytest.UsageError, match="has sources 'another': expected"):
        next(saving.pytest_cmdline_main_of_child(config))
    assert ended == [pytest.ExitCode.USAGE_ERROR]


def test_place_of_a_module_in_a_namespace_package_is_its_own(tmp_path, monkeypatch):
    package = tmp_path / "some_lab" / "cells"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("some_lab", "some_lab.cells"):
        monkeypatch.setitem(sys.modules, name, importlib.import_module(name))
    assert place("some_lab.cells") == package
    assert place("neurochip_bench.keep.versions") == Path(versions.neurochip_bench.__file__).parent


def test_library_that_came_or_went_is_named(read_once, pytestconfig):
    here = conditions.conditions(pytestconfig)
    assert conditions.differences(here, here) == ""
    assert conditions.differences({**here, "openvino": "2026.1"}, here) == "openvino '2026.1': expected absent"
    assert conditions.differences({}, {"jax": "1"}) == "jax absent: expected '1'"


def test_versions_are_those_of_every_library_that_a_backend_or_a_peer_uses(monkeypatch):
    names = (
        "numpy",
        "jax",
        "jaxlib",
        "jax_cuda12_plugin",
        "TensorFlow",
        "onnx",
        "onnxruntime.gpu",
        "tf2onnx",
        "openvino",
        "Brian2",
        "NEURON",
        "jaxley",
        "arbor",
    )
    packages = [SimpleNamespace(metadata={"Name": name}, version="1.2") for name in (*names, "rich", None)]
    monkeypatch.setattr(versions.metadata, "distributions", lambda: packages)
    normalised = {name.lower().replace("_", "-").replace(".", "-") for name in names}
    assert versions.versions() == dict.fromkeys(sorted(normalised), "1.2")


def test_each_of_the_fields_simulators_says_of_which_packages_it_is():
    assert [peer.id for peer in PEERS.values() if not peer.program.distributions] == []


def test_journal_of_an_older_form_is_refused(read_once, pytestconfig, tmp_path):
    journal = Journal.create(tmp_path, "x", {})
    journal.path.write_text('{"name": "x", "conditions": {"commit": "abc"}, "datetime": "2026-01-01"}\n')
    with pytest.raises(pytest.UsageError, match=f"begun at 2026-01-01, has a journal of form 1: expected {FORM}"):
        saving.resumed(pytestconfig, "x", tmp_path)


@pytest.mark.parametrize(
    "ending",
    [
        "-x",
        "--exitfirst",
        "--maxfail=1",
        "--maxfail 2",
        "--stepwise",
        "--sw",
        "--sw-skip",
        "--stepwise-reset",
        "--row-limit 9",
        "--row-limit=9",
        "--resume",
    ],
)
def test_where_a_run_stops_is_no_condition(read_once, pytestconfig, monkeypatch, ending):
    arguments = ["-k", "lif", "--side", "4"]
    plain = conditions.conditions(config(pytestconfig.rootpath, *arguments))
    assert conditions.conditions(config(pytestconfig.rootpath, *ending.split(), *arguments)) == plain
    monkeypatch.setenv("PYTEST_ADDOPTS", ending)
    assert conditions.conditions(config(pytestconfig.rootpath, *arguments)) == plain


def test_what_is_run_is_a_condition_wherever_it_was_said(read_once, pytestconfig, monkeypatch):
    assert conditions.lasting(["-xv", "-k", "x", "-rx", "--side", "4"]) == ["-v", "-k", "x", "-rx", "--side", "4"]
    monkeypatch.setenv("PYTEST_ADDOPTS", "--side=9")
    assert conditions.conditions(config(pytestconfig.rootpath, "-m", "cpu"))["arguments"] == "--side=9 -m cpu"
