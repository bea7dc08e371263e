"""Energy by counters and tools: RAPL's files and `tsp-ctl monitor`, faked; each nonsense refused."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurochip_bench import energy
from neurochip_bench.backends import device
from neurochip_bench.cli import main
from neurochip_bench.energy import MeterError, Rapl, TspCtl, tsp_ctl
from neurochip_bench.energy.meter import Counter

SPAN = 262_143_328_850  # uJ, of Intel's 32-bit counters


@given(st.integers(1, SPAN), st.data())
def test_any_increments_below_the_range_are_recovered_from_a_counter_that_wraps(span, data):
    increments = data.draw(st.lists(st.integers(0, span - 1)), label="increments")
    value = first = data.draw(st.integers(0, span - 1), label="first")
    counter = Counter(first, span)
    for increment in increments:
        value = (value + increment) % span
        counter.update(value)
    assert counter.total == sum(increments)


def test_a_counter_without_a_range_may_not_go_back():
    counter = Counter(5)
    counter.update(7)
    with pytest.raises(MeterError, match="a counter went back from 7 to 6: expected one that only rises"):
        counter.update(6)


def domain(root, folder, name, energy_uj="1000", span=str(SPAN)):
    """A domain as the kernel's documentation of powercap lays it out."""
    path = root / "sys/class/powercap" / folder
    path.mkdir(parents=True)
    for file, text in {"name": name, "energy_uj": energy_uj, "max_energy_range_uj": span}.items():
        (path / file).write_text(text + "\n")
    return path


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setattr(Rapl, "root", tmp_path)
    return tmp_path


def test_packages_are_read_and_nothing_that_is_in_them_or_beside_them(machine):
    for i, (folder, name) in enumerate(
        {
            "intel-rapl:0": "package-0",
            "intel-rapl:0:0": "core",
            "intel-rapl:0:1": "dram",
            "intel-rapl:1": "package-1-die-0",
            "intel-rapl:2": "psys",
            "intel-rapl-mmio:0": "package-0",
        }.items()
    ):
        domain(machine, folder, name, energy_uj=str(10**i))
    with Rapl() as meter:
        assert meter.read() == ((1, 1000), None)
        assert meter.spans == (SPAN, SPAN)
        assert (meter.unit_j, meter.scope) == (1e-6, "package")
    assert energy.missing(device.CPU) is None


def test_a_machine_without_packages_is_a_sentence(machine):
    domain(machine, "intel-rapl:0", "psys")
    assert Rapl.missing().startswith(
        "there is no RAPL counter of a processor package (/sys/class/powercap/intel-rapl:*)"
    )


def test_a_counter_that_root_alone_may_read_is_a_sentence(machine, monkeypatch):
    domain(machine, "intel-rapl:0", "package-0")
    read = Path.read_text

    def refuse(path, *arguments):
        if path.name == "energy_uj":  # root is refused nothing, so that modes would not do
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(path, *arguments)

    monkeypatch.setattr(Path, "read_text", refuse)
    assert "intel-rapl:0/energy_uj can be read by root alone: run as root" in Rapl.missing()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"energy_uj": "-5"}, "energy_uj holds '-5': expected a whole number of microjoules"),
        ({"energy_uj": ""}, "energy_uj holds '': expected a whole number"),
        ({"span": "0"}, "max_energy_range_uj holds 0: expected the range of a counter"),
    ],
)
def test_nonsense_in_a_counters_files_is_refused(machine, changes, sentence):
    domain(machine, "intel-rapl:0", "package-0", **changes)
    assert sentence in Rapl.missing()


def test_a_counters_file_that_is_not_there_is_refused(machine):
    (domain(machine, "intel-rapl:0", "package-0") / "energy_uj").unlink()
    assert "energy_uj cannot be read: No such file or directory" in Rapl.missing()


# What `tsp-ctl monitor` prints is not public: all of these are assumed.
@pytest.mark.parametrize(
    ("text", "watts"),
    [
        ("Device 0: temperature 48.2 C, power 68.0 W", 68.0),
        ("groqA0 | 45 C | 67W |", 67.0),
        ("Power (W): 68.25\nTemp (C): 45", 68.25),
        ("POWER[W] | 71", 71.0),
    ],
)
def test_a_power_is_found_in_what_a_tool_prints(text, watts):
    assert tsp_ctl.watts_in(text) == watts


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "says no powers in W, expected one; it printed: nothing"),
        ("Power: 68000 mW\nTemp: 45", "says no powers in W, expected one; it printed: Power: 68000 mW / Temp: 45"),
        ("12 Wh, R2W 3, 1.2.3 W", "says no powers"),
        ("card 0 68 W\ncard 1 70 W", "says 2 powers in W, expected one; it printed: card 0 68 W / card 1 70 W"),
        ("power 68 W of 275 W", "says 2 powers"),
        ("power 0.0 W", "tsp-ctl says 0 W: expected a power above 0"),
        ("power -3 W", "tsp-ctl says -3 W: expected a power above 0"),
    ],
)
def test_output_without_exactly_one_power_is_refused_and_shown(text, sentence):
    with pytest.raises(MeterError) as caught:
        tsp_ctl.watts_in(text)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('[ "$1" = monitor ] && echo power 68 W', None),
        ("echo in use >&2; exit 3", "tsp-ctl ended with exit status 3; its last words: in use"),
        ("sleep 60", "tsp-ctl did not answer within 0.3 s"),
    ],
)
def test_tsp_ctl_is_run_with_a_time_limit(tmp_path, monkeypatch, line, sentence):
    tool = tmp_path / "tsp-ctl"
    tool.write_text(f"#!/bin/sh\n{line}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(tsp_ctl, "LIMIT_S", 0.3 if "sleep" in line else 30.0)
    found = energy.missing(device.GROQ)
    assert found == sentence if sentence is None else sentence in found


def test_tsp_ctl_that_is_not_there_is_a_sentence(monkeypatch):
    monkeypatch.setattr(tsp_ctl, "groq_tool", lambda name: None)
    assert TspCtl.missing() == "tsp-ctl is not on the PATH: expected it from the runtime of GroqWare"


def test_listing_the_meters_says_what_each_lacks(machine, monkeypatch, capsys):
    domain(machine, "intel-rapl:0", "package-0")
    monkeypatch.setenv("NEUROCHIP_IPU_PYTHON", "/nowhere/python")
    assert main(["energy"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[:3:2]] == [["cpu", "rapl"], ["tpu", "-"]]
    assert lines[0].endswith(" ready")
    assert lines[3].endswith("cannot be started: No such file or directory")


def test_a_tpu_and_what_is_no_device_are_sentences():
    assert energy.missing(device.TPU) == "a TPU has no public counter of power or energy"
    toaster = device.Device("toaster", "toaster", meter="thermometer")
    assert (
        energy.missing(toaster)
        == "a toaster has the meter 'thermometer': expected one of rapl, nvml, gcipuinfo, tsp-ctl"
    )
