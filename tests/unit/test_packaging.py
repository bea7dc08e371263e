"""pyproject.toml has every extra that anything names, and asks for every library that the two packages import."""

from __future__ import annotations

import ast
import configparser
import re
import sys
from pathlib import Path

import pytest
import tomllib
from packaging.requirements import Requirement

from neurochip_bench.backends.given import MATTER
from neurochip_bench.cli import refusal
from tests import resolve
from tests.resolve import DOCUMENT, PYTHONS, span

ROOT = Path(__file__).parents[2]
PACKAGES = ("model", "neurochip_bench")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
OPTIONAL = [requirement for requirements in EXTRAS.values() for requirement in requirements]
DISTRIBUTIONS = {  # of a library that is imported by another name than it is installed by, or comes with another
    "_pytest": "pytest",  # types that pytest does not export
    "cpuinfo": "py-cpuinfo",
    "google": "tensorflow-cpu",  # protobuf
    "markupsafe": "jinja2",
    "pynvml": "nvidia-ml-py",
    "tensorflow": "tensorflow-cpu",
}
VENDORS = {"gcipuinfo", "groq"}  # come with the vendor's software alone


def named_extras(text: str) -> set[str]:
    """The extras in a text that says how to install them: `'.[suite,jax]'`."""
    return {
        extra for found in re.findall(r"(?:\.|neurochip-bench)\[([a-z0-9,-]+)\]", text) for extra in found.split(",")
    }


def test_the_extra_that_a_command_names_for_a_library_brings_it():
    for library, extra in refusal.EXTRAS.items():
        assert library in map(distribution, EXTRAS[extra])


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]


def imported(source: str) -> set[str]:
    """The top-level names that a source imports anywhere, also inside of functions."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def distribution(requirement: str) -> str:
    """The name in a requirement such as `jax[cuda12]>=0.10`."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return found[0].lower()


@pytest.mark.parametrize("place", ["README.md", "docs/*.md", "neurochip_bench/**/*.py"])
def test_every_extra_that_a_text_names_is_one(place):
    named = set().union(*(named_extras(path.read_text(encoding="utf-8")) for path in ROOT.glob(place)))
    assert named
    assert named <= set(EXTRAS)


def test_every_extra_that_tox_names_is_one():
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    lines = {line for section in tox.sections() for line in tox.get(section, "extras", fallback="").split()}
    named = {line for line in lines if not line.startswith("{")}  # those of another environment
    assert named
    assert named <= set(EXTRAS)


def test_tox_hands_on_every_setting_that_matters():
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    assert set(tox.get("testenv", "pass_env").split()) == {"CI", *MATTER}


def test_every_library_that_is_imported_is_asked_for():
    names = set().union(*(imported(path.read_text(encoding="utf-8")) for path in sources()))
    libraries = names - set(sys.stdlib_module_names) - set(PACKAGES) - VENDORS
    brought = set(map(distribution, [*PROJECT["dependencies"], *OPTIONAL]))
    needed = {DISTRIBUTIONS.get(name, name.replace("_", "-")) for name in libraries}
    assert {"numpy", "pytest"} <= needed
    assert needed <= brought
    assert set(DISTRIBUTIONS) | VENDORS <= names, "one is imported no more"


def test_an_import_inside_of_a_function_counts():
    assert imported("import os.path\ndef f():\n    from scipy.stats import norm\n    from . import x") == {
        "os",
        "scipy",
    }


def test_model_imports_numpy_alone():
    names = set().union(*(imported(path.read_text(encoding="utf-8")) for path in (ROOT / "model").rglob("*.py")))
    assert names - set(sys.stdlib_module_names) == {"model", "numpy"}


def test_what_is_simulated_stays_small():
    """Two thousand lines, which a person can read; how it is read from files or added to is `neurochip_bench`'s."""
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "model").rglob("*.py")}
    assert len(lines) > 20
    assert sum(lines.values()) <= 2000, lines


LINUX, ARM = {"sys_platform": "linux", "platform_machine": "x86_64"}, {"platform_machine": "aarch64"}
MAC, WINDOWS = {"sys_platform": "darwin", "platform_machine": "arm64"}, {"platform_machine": "AMD64"}
PLATFORMS = {"linux": LINUX, "arm": {**LINUX, **ARM}, "mac": MAC, "windows": {"sys_platform": "win32", **WINDOWS}}


def asked_for(requirements: list[str], python: str, platform: str = "linux") -> list[str]:
    """The distributions that some requirements ask for on a Python and a platform."""
    environment = {**PLATFORMS[platform], "python_version": python, "extra": ""}
    read = map(Requirement, requirements)
    return [found.name for found in read if found.marker is None or found.marker.evaluate(environment)]


@pytest.mark.parametrize("python", ["3.8", "3.10", "3.13"])
def test_no_requirement_is_left_out_where_python_is_too_old(python):
    """There pip refuses to install it; a marker would have it install nothing and say nothing."""
    assert all(asked_for(requirements, python) for requirements in EXTRAS.values())


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_tensorflow_is_the_one_that_has_wheels_and_none_on_the_newest_python(platform, python):
    named = "tensorflow" if platform in ("arm", "mac") else "tensorflow-cpu"
    assert asked_for(EXTRAS["tensorflow"], python, platform) == ([named] if python != "3.14" else [])


def test_table_of_the_document_has_a_row_for_each_extra():
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    assert set(EXTRAS) <= {line.split("`")[1] for line in lines if line.startswith("| `")}


@pytest.mark.parametrize(
    ("pythons", "words"),
    [([], "none"), (["3.12"], "3.12"), (list(PYTHONS), "3.11 to 3.14"), (["3.11", "3.13"], "3.11, 3.13")],
)
def test_pythons_that_resolve_are_told_in_few_words(pythons, words):
    assert span(pythons) == words


def test_table_that_is_not_the_documents_fails(monkeypatch, capsys):
    monkeypatch.setattr(resolve, "resolved", lambda extra, platform, python: frozenset({"numpy", extra}))
    assert resolve.main(["onnx-openvino"]) == 1
    assert "| `onnx-openvino` | 3.11 to 3.14 | 3.11 to 3.14 |" in capsys.readouterr().err
