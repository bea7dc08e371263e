"""What a saved run says of its machine, and which runs are taken for one machine's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from neurochip_bench.backends.host import cores
from neurochip_bench.compare.side import Processor
from neurochip_bench.keep.machine import describe, memory_gib, processor
from neurochip_bench.keep.saved import load
from neurochip_bench.report.machines import machines_of
from tests.helpers.commands import compare
from tests.helpers.saved_runs import save, timed

# As py-cpuinfo answers on these: /proc/cpuinfo has numbers alone, `lscpu` the name of the core.
NEON = {"arch": "ARM_8", "flags": ["asimd", "fp"]}
SVE = {"arch": "ARM_8", "flags": ["asimd", "sve", "sve2"]}
MACHINES = {
    "graviton": ({**SVE, "brand_raw": "Neoverse-V2"}, "m8g.xlarge\n"),
    "grace": ({**SVE, "brand_raw": "Neoverse-V2"}, "NVIDIA Grace CPU P4352\n"),
    "raspberry": ({**NEON, "brand_raw": "Cortex-A76"}, "Raspberry Pi 5 Model B Rev 1.0\0"),
    "nameless": (NEON, "one\n"),
    "nameless too": (NEON, "two\n"),
}


def described(name, folder):
    cpu, board = MACHINES[name]
    file = folder / ("proc/device-tree/model" if "\0" in board else "sys/devices/virtual/dmi/id/product_name")
    file.parent.mkdir(parents=True)
    file.write_text(board)
    return describe(cpu, folder)


def test_arm_machines_with_as_many_cores_are_told_apart(tmp_path):
    found = [described(name, tmp_path / name) for name in MACHINES]
    assert len({info["cores"] for info in found}) == 1
    assert len({info["processor_name"] for info in found}) == len(MACHINES)


def test_arm_machine_is_named_after_core_and_board(tmp_path):
    assert described("graviton", tmp_path)["processor_name"] == "Neoverse-V2 (m8g.xlarge)"


@pytest.mark.parametrize(("name", "unit"), [("graviton", "sve2"), ("raspberry", "asimd")])
def test_widest_vector_unit_is_named(name, unit, tmp_path):
    assert described(name, tmp_path)["vectors"] == unit


def test_x86_and_a_mac_keep_the_name_that_they_have(tmp_path):
    assert processor({"arch": "X86_64", "brand_raw": "AMD EPYC"}, tmp_path) == "AMD EPYC"
    assert processor({"arch": "ARM_8", "brand_raw": "Apple M1"}, tmp_path) == "Apple M1"


def test_machine_of_which_nothing_is_known_has_a_description(tmp_path):
    info = describe({}, tmp_path)
    assert info["processor_name"]
    assert info["os"]
    assert (info["threads"], info["vectors"], info["memory_gib"]) == (cores(), None, memory_gib())


def test_cores_are_the_machines_own_and_threads_those_that_are_granted(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = describe({})
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert (describe({})["cores"], describe({})["threads"]) == (before["cores"], 1)
    assert before["cores"] >= before["threads"]


def test_python_that_skips_assertions_is_refused_before_anything_is_judged():
    command = [sys.executable, "-O", "-m", "pytest", "tests/perf", "--collect-only", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=120)
    assert done.returncode == 4
    assert "PYTHONOPTIMIZE is set, or python -O: expected neither" in done.stderr


HERE = Processor("A", 4, "avx2", 16.0, "Linux", "Linux-6.1", threads=4)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (HERE, True),
        (Processor("A", 4), True),  # saved before it was told
        (Processor("A", 4, threads=1), True),
        (Processor("A", 4, "avx2", 15.8, "Linux", "Linux-6.2"), True),
        (Processor("B", 4, "avx2", 16.0, "Linux"), False),
        (Processor("A", 8, "avx2", 16.0, "Linux"), False),
        (Processor("A", 4, "avx512f", 16.0, "Linux"), False),
        (Processor("A", 4, "avx2", 64.0, "Linux"), False),
        (Processor("A", 4, "avx2", 16.0, "Darwin"), False),
    ],
)
def test_machines_are_one_unless_something_that_both_tell_differs(other, same):
    assert HERE.same(other) is other.same(HERE) is same


LINUX = {"memory_gib": 16.0, "system": "Linux", "os": "Linux-6.1"}
MAC = {"memory_gib": 64.0, "system": "Darwin", "os": "macOS-15"}


def test_comparison_names_memory_and_system_where_they_differ(tmp_path, capsys):
    files = [save(tmp_path / f"{info['os']}.json", [timed()], **info) for info in (LINUX, MAC)]
    compare([*map(str, files)])
    both = "Made-up CPU, 2 cores, 16 GiB, Linux-6.1 and Made-up CPU, 2 cores, 64 GiB, macOS-15"
    assert f"another machine: {both}" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(("threads", "said"), [((1, 2), True), ((2, 2), False), ((2, None), False), ((2, "x"), False)])
def test_comparison_names_the_threads_that_were_granted_where_they_differ(threads, said, tmp_path, capsys):
    files = [save(tmp_path / f"{i}.json", [timed()], threads=count) for i, count in enumerate(threads)]
    compare([*map(str, files)])
    out = " ".join(capsys.readouterr().out.split())
    assert "another machine" not in out
    assert ("1 and 2 threads granted: times may differ by that alone." in out) is said


def test_report_names_memory_and_system(tmp_path):
    runs = [load(save(tmp_path / f"{info['os']}.json", [timed()], node=info["os"], **info)) for info in (LINUX, MAC)]
    assert [machine.name for machine in machines_of(runs)] == [
        "Made-up CPU, 2 cores, 16 GiB, Linux-6.1",
        "Made-up CPU, 2 cores, 64 GiB, macOS-15",
    ]
