"""What is said of vendors' chips and libraries: on faked files, modules and tools, nothing of theirs being imported."""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import PathFinder

import pytest

from neurochip_bench.backends import BACKENDS, probes
from neurochip_bench.backends.groq.program import GroqProgram
from neurochip_bench.backends.ipu.program import IpuProgram
from tests.helpers.standins import FOLDER

IPU, GROQ = "NEUROCHIP_IPU_PYTHON", "NEUROCHIP_GROQ_PYTHON"
GROQ_TOOLS = ("groq-compiler", "aa-latest")


def machine(root, vendor=None, driver=True):
    """A file tree with a bridge and, if there is a vendor, a card of its."""
    for number, found in enumerate([0x8086, *([vendor] if vendor else [])]):
        card = root / f"sys/bus/pci/devices/0000:0{number}:00.0"
        card.mkdir(parents=True)
        (card / "vendor").write_text(f"{found:#06x}\n")
        (card / "device").write_text("0x0000\n")
        (card / "class").write_text("0x120000\n")
        if driver:
            (card / "driver").mkdir()
    return root


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """Makes tools of given names that run a line of shell; no other vendor's tool is on the PATH.

    One that sleeps never answers, which is seen in no time.
    """
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(probes, "GROQ_FOLDERS", ())

    def make(**lines):
        for name, line in lines.items():
            tool = folder / name.replace("_", "-")
            tool.write_text(f"#!/bin/sh\n{line}\n")
            tool.chmod(0o755)
            monkeypatch.setattr(probes, "TOOL_S", 0.2 if "sleep" in line else 30)

    return make


def package(folder, name, *submodules):
    """The spec of a package whose import would be noticed."""
    for path in ("", *submodules):
        (folder / name / path).mkdir(parents=True, exist_ok=True)
        (folder / name / path / "__init__.py").write_text("raise AssertionError('imported by a probe')")
    return PathFinder.find_spec(name, [str(folder)])


@pytest.mark.parametrize(
    ("vendor", "driver", "tool", "sentence"),
    [
        (None, True, None, "there is no Graphcore IPU (no PCI device of vendor 1d95, no gc-info on the PATH)"),
        (probes.GRAPHCORE, False, "echo 1", "there is a Graphcore IPU, but no driver is bound to it"),
        (probes.GRAPHCORE, True, None, None),
        (probes.GRAPHCORE, True, "echo 4", None),
        (None, True, "echo 1", None),  # in a network
        (None, True, "echo 0", "there is no Graphcore IPU (gc-info counts 0)"),
        (None, True, "true", "there is no Graphcore IPU (gc-info counts nothing)"),
        (None, True, "echo no partition >&2; exit 2", "gc-info ended with exit status 2; its last words: no partition"),
        (None, True, "kill -SEGV $$", "gc-info was ended by SIGSEGV"),
        (None, True, "sleep 60", "gc-info did not answer within 0.2 s"),
    ],
)
def test_an_ipu_is_found_or_a_sentence_says_why_not(tmp_path, tools, vendor, driver, tool, sentence):
    tools(**({"gc_info": tool} if tool else {}))
    found = probes.ipu(machine(tmp_path, vendor, driver))
    assert found == sentence if sentence is None else sentence in found


@pytest.mark.parametrize(
    ("vendor", "driver", "tool", "sentence"),
    [
        (None, True, None, "there is no GroqChip (no PCI device of vendor 1de0)"),
        (probes.GROQ, False, None, "there is a GroqChip, but no driver is bound to it"),
        (probes.GROQ, True, None, None),
        (probes.GROQ, True, "echo 'Device Locked: no'", None),
        (probes.GROQ, True, "echo 'Device Locked: yes'", "the GroqChip is locked by another process"),
        (probes.GROQ, True, "echo 'Device Locked: yes'; echo 'Device Locked: no'", None),  # the second is free
        (probes.GROQ, True, "kill -ABRT $$", "tsp-ctl was ended by SIGABRT"),
        (probes.GROQ, True, "sleep 60", "tsp-ctl did not answer within 0.2 s"),
    ],
)
def test_a_groqchip_is_found_or_a_sentence_says_why_not(tmp_path, tools, vendor, driver, tool, sentence):
    tools(**({"tsp_ctl": tool} if tool else {}))
    found = probes.groq(machine(tmp_path, vendor, driver))
    assert found == sentence if sentence is None else sentence in found


@pytest.mark.parametrize(
    ("submodules", "environment", "sentence"),
    [
        (None, {}, "TensorFlow is not installed: expected that of Graphcore's Poplar SDK in the Python that NEUROCHIP"),
        (["python"], {}, "TensorFlow is not Graphcore's (it has no tensorflow/python/ipu)"),
        (["python/ipu"], {}, "POPLAR_SDK_ENABLED is not set"),
        (["python/ipu"], {"POPLAR_SDK_ENABLED": "/sdk"}, None),
        (
            ["python/ipu"],
            {"POPLAR_SDK_ENABLED": "/sdk", "TF_POPLAR_FLAGS": "--show_progress_bar=false --use_ipu_model"},
            "TF_POPLAR_FLAGS has --use_ipu_model: expected an IPU, since a simulator's time is not a chip's",
        ),
    ],
)
def test_graphcores_tensorflow_is_told_from_any_other(tmp_path, monkeypatch, submodules, environment, sentence):
    monkeypatch.delenv("POPLAR_SDK_ENABLED", raising=False)
    monkeypatch.delenv("TF_POPLAR_FLAGS", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    spec = None if submodules is None else package(tmp_path, "tensorflow", *submodules)
    found = probes.graphcore_library(spec, IPU)
    assert found == sentence if sentence is None else sentence in found


@pytest.mark.parametrize(
    ("submodules", "present", "sentence"),
    [
        (None, (), "Groq's runtime is not installed (there is no package groq)"),
        (["resources", "types"], GROQ_TOOLS, "the package groq is the client of a web service, not Groq's runtime"),
        (["runtime"], (), "groq-compiler and aa-latest not found on the PATH: install groq-devtools of GroqWare"),
        (["runtime"], ("groq-compiler",), "aa-latest not found on the PATH"),
        (["runtime", "api"], GROQ_TOOLS, None),
    ],
)
def test_groqs_runtime_is_told_from_the_client_of_its_web_service(tmp_path, tools, submodules, present, sentence):
    tools(**{name.replace("-", "_"): "exit 1" for name in present})
    spec = None if submodules is None else package(tmp_path, "groq", *submodules)
    found = probes.groq_library(spec, GROQ)
    assert found == sentence if sentence is None else sentence in found


def test_groqs_tools_are_found_where_its_installer_puts_them(tmp_path, monkeypatch):
    tool = tmp_path / "groq-compiler"
    tool.write_text("")
    tool.chmod(0o755)
    monkeypatch.setattr(probes, "GROQ_FOLDERS", (str(tmp_path),))
    assert probes.groq_tool("groq-compiler") == str(tool)


def test_the_library_comes_first_in_what_is_missing_then_the_chip(tmp_path, monkeypatch, tools):
    specs = {name: package(tmp_path, name, *subs) for name, subs in {"tensorflow": ["python/ipu"], "groq": []}.items()}
    monkeypatch.setattr(importlib.util, "find_spec", specs.get)
    monkeypatch.setattr(probes, "ipu", lambda: "no IPU")
    monkeypatch.setattr(probes, "groq", lambda: "no GroqChip")
    monkeypatch.setenv("POPLAR_SDK_ENABLED", "/sdk")
    assert IpuProgram.missing() == "no IPU"
    assert GroqProgram.missing() == f"onnx is not installed: expected it in the Python that {GROQ} names"
    specs["onnx"] = specs["groq"]
    assert "the client of a web service" in str(GroqProgram.missing())
    specs["groq"] = package(tmp_path, "groq", "runtime")
    tools(groq_compiler="true", aa_latest="true")
    assert GroqProgram.missing() == "no GroqChip"


def test_the_layout_of_the_stand_ins_is_taken_for_the_vendors(tools):
    tools(groq_compiler="true", aa_latest="true")
    assert probes.groq_library(PathFinder.find_spec("groq", [str(FOLDER / "groq")]), GROQ) is None


@pytest.mark.parametrize(("key", "variable"), [("tensorflow-ipu-f32", IPU), ("groq-groqchip-f32", GROQ)])
def test_a_missing_chip_is_one_sentence_that_imports_nothing(monkeypatch, key, variable):
    monkeypatch.delenv(variable, raising=False)
    before = set(sys.modules)
    reason = BACKENDS[key].missing()
    assert "\n" not in str(reason)
    assert not {"tensorflow", "groq"} & (set(sys.modules) - before)
    monkeypatch.setenv(variable, sys.executable)
    assert BACKENDS[key].missing() == reason
