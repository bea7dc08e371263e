"""The wheel holds both packages whole and nothing else, and its report works in any folder, without the source tree."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.helpers import saved_runs

for library in ("hatchling", "pip"):
    pytest.importorskip(library)

ROOT = Path(__file__).parents[2]
PACKAGES = {"model", "neurochip_bench"}
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-cache-dir")


def python(folder: Path, *arguments: object, **environment: str) -> str:
    """What a Python that starts in a folder, with no path but the one given, prints; the test fails where it does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))}
    done = subprocess.run(
        [sys.executable, "-P", *map(str, arguments)],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    python(folder, *PIP, "wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel is installed into."""
    target = tmp_path_factory.mktemp("target")
    python(target, *PIP, "install", "--no-index", "--no-deps", "--target", target, wheel)
    return target


def test_wheel_holds_every_file_of_both_packages_and_nothing_else(wheel):
    names = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file())
    assert names == {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}
    assert {name for name in names if not name.endswith(".py")} >= {
        "model/py.typed",
        "neurochip_bench/py.typed",
        "neurochip_bench/report/published.json",
        "neurochip_bench/report/page/page.html",
    }


def test_wheel_says_its_licence_and_what_it_needs(wheel):
    (name,) = (name for name in ZipFile(wheel).namelist() if name.endswith(".dist-info/METADATA"))
    lines = set(ZipFile(wheel).read(name).decode().splitlines())
    assert lines >= {
        "License-Expression: MIT",
        "License-File: LICENSE",
        "Requires-Python: >=3.8",
        "Requires-Dist: numpy>=1.24",
    }


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_installed_package_is_the_wheels_and_names_what_it_promises(package, installed, tmp_path):
    code = f"import {package} as p; [getattr(p, name) for name in p.__all__]; print(len(p.__all__), p.__file__)"
    number, _, path = python(tmp_path, "-c", code, PYTHONPATH=str(installed)).strip().partition(" ")
    assert int(number) > 0
    assert path == str(installed / package / "__init__.py")


@pytest.mark.slow  # a report is drawn by another process: one second
def test_report_of_the_wheel_works_in_another_folder(installed, tmp_path):
    for library in ("jinja2", "matplotlib"):
        pytest.importorskip(library)
    saved_runs.save(tmp_path / "run.json", [saved_runs.row(rtf=2.0)])
    command = ("-m", "neurochip_bench", "report", "run.json", "-o", "out")
    python(tmp_path, *command, PYTHONPATH=str(installed))
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "tensorflow-cpu-f32" in page
    assert "<svg" in page
    assert "Tricking AI chips into simulating the human brain" in page  # of the published numbers
