"""Which of ONNX Runtime's rows are there, judged by files, installed wheels and the environment alone."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from importlib.machinery import ModuleSpec
from typing import Any

import pytest

from model.coupling import FORMULATIONS
from model.network import build
from neurochip_bench.backends import BACKENDS, probes
from neurochip_bench.backends.onnx import runtime as onnx_runtime
from neurochip_bench.backends.onnx.providers import TF32_SWITCH, gpu_name

# Their programs have more to tell than `Program` promises.
ROWS: list[Any] = [backend for backend in BACKENDS.values() if backend.library == "onnxruntime"]
TENSORRT = [backend for backend in ROWS if backend.device == "tensorrt"]
SCATTERLESS = [backend for backend in ROWS if backend.device in ("openvino", "tensorrt")]
UNFIT = [(row, wheel) for row in ROWS for wheel in onnx_runtime.WHEELS if wheel not in row.program.wheels]
CONNECTED = build("lif", 4)


def identity(value):
    return getattr(value, "id", value)


@pytest.fixture
def machine(tmp_path):
    """A root folder without any device; `add` gives it a PCI device, `load` NVIDIA's driver."""

    class Machine:
        root = tmp_path

        def add(self, vendor, kind, device="0x2330\n"):
            folder = tmp_path / f"sys/bus/pci/devices/0000:{len(probes.pci_devices(tmp_path)):02}:00.0"
            folder.mkdir(parents=True)
            for name, value in (("vendor", vendor), ("device", device), ("class", kind)):
                (folder / name).write_text(value)
            return folder

        def load(self, device="dev/nvidiactl", driver="proc/driver/nvidia"):
            for path in (tmp_path / device, tmp_path / driver / "version"):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()

    return Machine()


def test_machine_without_pci_devices_has_no_gpu(machine):
    assert probes.pci_devices(machine.root) == []
    assert probes.nvidia(machine.root).startswith("there is no NVIDIA GPU")


def test_pci_devices_are_listed_as_numbers(machine):
    machine.add("0x8086\n", "0x020000\n", "0x1237\n")
    assert probes.pci_devices(machine.root) == [(0x8086, 0x1237, 0x020000)]


@pytest.mark.parametrize("kind", ["0x030000\n", "0x030200\n"], ids=["screen", "data-centre"])
def test_gpu_is_there_once_its_driver_is(machine, kind):
    machine.add("0x10de\n", kind)
    assert probes.nvidia(machine.root) == "there is an NVIDIA GPU, but its driver is not loaded (no /dev/nvidiactl)"
    machine.load()
    assert probes.nvidia(machine.root) is None


def test_driver_in_a_container_without_pci_devices_is_a_gpu(machine):
    machine.load()
    assert probes.nvidia(machine.root) is None


@pytest.mark.parametrize("half", [{"device": "dev/null"}, {"driver": "proc/driver/rtc"}], ids=["driver", "device"])
def test_half_a_driver_is_none(machine, half):
    machine.load(**half)
    assert probes.nvidia(machine.root).startswith("there is no NVIDIA GPU")
    machine.add("0x10de\n", "0x030000\n")
    assert "driver is not loaded" in probes.nvidia(machine.root)


@pytest.mark.parametrize(
    ("vendor", "kind"),
    [("0x10de\n", "0x020000\n"), ("0x1002\n", "0x030000\n"), ("", "0x030000\n"), ("gpu", "0x030000"), ("0x10de", "?")],
    ids=["network-card", "other-vendor", "empty-vendor", "garbage-vendor", "garbage-class"],
)
def test_other_and_unreadable_devices_are_no_gpu(machine, vendor, kind):
    machine.add(vendor, kind)
    assert probes.nvidia(machine.root).startswith("there is no NVIDIA GPU")


def test_device_without_its_files_hides_no_other(machine):
    for name in ("vendor", "class"):
        (machine.add("0x10de\n", "0x030000\n") / name).unlink()
    assert len(probes.pci_devices(machine.root)) == 2
    assert probes.nvidia(machine.root).startswith("there is no NVIDIA GPU")
    machine.add("0x10de\n", "0x030000\n")
    assert probes.nvidia(machine.root).startswith("there is an NVIDIA GPU")


def test_gpu_has_a_name_with_and_without_a_driver():
    assert gpu_name().strip()
    assert "\n" not in gpu_name()


@pytest.fixture
def installed(monkeypatch):
    """Makes believe that some wheels are installed on a machine with a GPU."""

    def believe(*wheels):
        believed = ModuleSpec("believed", None, origin="believed")
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: believed if wheels or name == "onnx" else None)
        monkeypatch.setattr(onnx_runtime, "installed_wheels", lambda: list(wheels))
        monkeypatch.setattr(probes, "nvidia", lambda: None)

    return believe


@pytest.mark.parametrize("chosen", ROWS, ids=identity)
def test_row_without_its_library_says_what_to_install(chosen, installed):
    installed()
    extra = chosen.program.extra
    assert chosen.missing() == f"ONNX Runtime is not installed (python -m pip install 'neurochip-bench[{extra}]')"
    with pytest.raises(RuntimeError, match=f"{chosen.id} cannot run here: ONNX Runtime is not installed"):
        chosen.prepare(CONNECTED)


def test_installed_wheels_are_those_that_pip_knows(monkeypatch):
    def version(name):
        if name != "onnxruntime-gpu":
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.27"

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert onnx_runtime.installed_wheels() == ["onnxruntime-gpu"]


@pytest.mark.parametrize(("chosen", "wheel"), UNFIT, ids=identity)
def test_row_with_a_wheel_that_lacks_its_provider_names_both(chosen, wheel, installed):
    installed(wheel)
    fitting, extra = chosen.program.wheels[0], chosen.program.extra
    assert chosen.missing() == (
        f"{wheel} is installed: expected {fitting} (extra '{extra}') in an environment of its own"
    )


@pytest.mark.parametrize("chosen", ROWS, ids=identity)
def test_wheels_installed_over_each_other_are_named(chosen, installed):
    installed("onnxruntime", "onnxruntime-gpu")
    assert chosen.missing().startswith("onnxruntime and onnxruntime-gpu are installed over each other: expected one")


@pytest.mark.parametrize("chosen", ROWS, ids=identity)
def test_row_with_its_wheel_and_hardware_is_there(chosen, installed, monkeypatch):
    monkeypatch.setenv(TF32_SWITCH, str(int(bool(chosen.program.tf32))))
    for wheel in chosen.program.wheels:
        installed(wheel)
        assert chosen.missing() is None


@pytest.mark.parametrize("chosen", [backend for backend in ROWS if backend.mark == "gpu"], ids=identity)
def test_gpu_row_without_a_gpu_says_so(chosen, installed, monkeypatch):
    installed("onnxruntime-gpu")
    monkeypatch.setenv(TF32_SWITCH, str(int(bool(chosen.program.tf32))))
    monkeypatch.setattr(probes, "nvidia", lambda: "there is no NVIDIA GPU")
    assert chosen.missing() == "there is no NVIDIA GPU"


def test_some_wheel_can_run_each_row_and_no_other_distribution_is_asked_for():
    assert {wheel for backend in ROWS for wheel in backend.program.wheels} <= set(onnx_runtime.WHEELS)
    assert all(backend.program.wheels for backend in ROWS)


@pytest.mark.parametrize(("switch", "there"), [(None, []), ("0", ["f32"]), ("1", ["tf32"]), ("yes", [])])
def test_switch_of_tf32_decides_which_row_of_tensorrt_is_there(switch, there, installed, monkeypatch):
    installed("onnxruntime-gpu")
    monkeypatch.delenv(TF32_SWITCH, raising=False)
    if switch is not None:
        monkeypatch.setenv(TF32_SWITCH, switch)
    assert [backend.precision for backend in TENSORRT if backend.missing() is None] == there
    absent = [backend.missing() for backend in TENSORRT if backend.missing()]
    assert all(reason.startswith(f"NVIDIA_TF32_OVERRIDE is {switch}: expected ") for reason in absent)


@pytest.mark.parametrize("chosen", SCATTERLESS, ids=identity)
def test_row_whose_provider_cannot_sum_by_scattering_refuses_to(chosen, installed, monkeypatch):
    monkeypatch.setattr(chosen.program, "missing", classmethod(lambda cls: None))
    reason = chosen.refuses("gather-scatter")
    assert reason.startswith(f"coupling 'gather-scatter' does not run on {chosen.id}: ")
    assert "\n" not in reason
    with pytest.raises(ValueError, match=r"does not run on .*expected another, or None for the best"):
        chosen.prepare(CONNECTED, "gather-scatter")


@pytest.mark.parametrize("chosen", ROWS, ids=identity)
def test_no_other_formulation_is_refused(chosen):
    refused = [name for name in FORMULATIONS if chosen.refuses(name)]
    assert refused == (["gather-scatter"] if chosen in SCATTERLESS else [])
