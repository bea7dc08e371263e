"""GPU and TPU by JAX and TensorFlow: what is missing is told without importing either; their programs run on a CPU."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from model.kernels import KERNELS
from model.network import build, drive
from neurochip_bench.backends import BACKENDS, ORACLE, probes
from neurochip_bench.backends.backend import Backend
from neurochip_bench.backends.tensorflow_device import TensorflowDeviceProgram

GOOGLE = {"vendor": "0x1ae0", "device": "0x0063", "class": "0x120000"}


def machine(folder, files=(), **device):
    """A file tree with a PCI device and device files."""
    slot = folder / "sys/bus/pci/devices/0000:00:04.0"
    slot.mkdir(parents=True)
    for name, text in device.items():
        (slot / name).write_text(text)
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.mark.parametrize("files", [["dev/accel0"], ["dev/vfio/0"]])
def test_tpu_with_its_device_file_is_there(files, tmp_path):
    assert probes.tpu(machine(tmp_path, files, **GOOGLE)) is None


def test_tpu_without_a_device_file_is_broken(tmp_path):
    assert "no device file" in probes.tpu(machine(tmp_path, **GOOGLE))


@pytest.mark.parametrize("change", [{"vendor": "0x10de"}, {"device": "0x001f"}, {"vendor": "garbage"}])
def test_other_devices_are_no_tpu_even_with_a_vfio_file(change, tmp_path):
    assert probes.tpu(machine(tmp_path, ["dev/vfio/0"], **{**GOOGLE, **change})).startswith("there is no TPU")


def installed(monkeypatch, *names, build_info=None, folder=None):
    """Only these packages can be found; TensorFlow's build says `build_info`."""
    if build_info is not None:
        file = folder / "python/platform/build_info.py"
        file.parent.mkdir(parents=True)
        file.write_text(build_info)
    spec = SimpleNamespace(submodule_search_locations=[str(folder)], origin="__init__.py")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec if name in names else None)


@pytest.mark.parametrize(
    ("name", "packages", "sentence"),
    [
        ("jax-cpu-f32", (), "JAX is not installed"),
        ("jax-gpu-f32", ("jax", "jaxlib"), "JAX with CUDA is not installed"),
        ("jax-gpu-f64", ("jax_cuda12_plugin",), "JAX with CUDA is not installed"),
        ("jax-gpu-f32", ("jax", "jaxlib", "jax_cuda12_plugin"), "there is no NVIDIA GPU"),
        ("jax-tpu-f32", ("jax", "jaxlib"), "JAX with libtpu is not installed"),
        ("jax-tpu-f32", ("jax", "jaxlib", "libtpu"), "there is no TPU"),
        ("tensorflow-tpu-f32", ("tensorflow",), "TensorFlow for TPUs is not installed"),
        ("tensorflow-tpu-f32", ("tensorflow", "libtpu"), "there is no TPU"),
        ("emulated-bf16", (), "JAX is not installed"),
    ],
)
def test_what_is_missing_is_one_sentence(name, packages, sentence, monkeypatch):
    installed(monkeypatch, *packages)
    monkeypatch.setattr(probes, "nvidia", lambda: "there is no NVIDIA GPU")
    monkeypatch.setattr(probes, "tpu", lambda: "there is no TPU")
    assert BACKENDS[name].missing().startswith(sentence)


@pytest.mark.parametrize(
    ("build_info", "sentence"),
    [
        ("build_info = OrderedDict([('is_cuda_build', True)])", "there is no NVIDIA GPU"),
        ("build_info = OrderedDict([('is_cuda_build', False)])", "TensorFlow with CUDA is not installed"),
    ],
)
def test_tensorflows_build_tells_whether_it_has_cuda(build_info, sentence, tmp_path, monkeypatch):
    installed(monkeypatch, "tensorflow", build_info=build_info, folder=tmp_path)
    monkeypatch.setattr(probes, "nvidia", lambda: "there is no NVIDIA GPU")
    assert BACKENDS["tensorflow-gpu-f32"].missing().startswith(sentence)


@pytest.mark.parametrize("kernel", [name for name, kernel in KERNELS.items() if kernel.synaptic])
def test_tensorflows_program_for_devices_is_right_on_a_cpu(kernel):
    backend = Backend("tensorflow", "device", "f32", TensorflowDeviceProgram)
    if backend.missing():
        pytest.skip(backend.missing())
    network = build(kernel, 4).rounded()
    stimulus = drive(network, 6)
    program, oracle = (b.prepare(network) for b in (backend, BACKENDS[ORACLE]))
    run, truth = (p.run(6, stimulus) for p in (program, oracle))
    assert np.array_equal(run.spikes, truth.spikes)
    assert np.abs(run.trace - truth.trace).max() < 2e-3
    program.reset()
    parts = [program.run(4, None if stimulus is None else stimulus[:4])]
    parts.append(program.run(2, None if stimulus is None else stimulus[4:]))
    assert np.array_equal(parts[-1].state, run.state)


def test_listing_the_backends_is_true_and_imports_no_library():
    code = "import sys; from neurochip_bench.cli import main; main(['backends']); print(sorted(sys.modules))"
    command, root = [sys.executable, "-c", code], Path(__file__).parents[2]
    *listed, modules = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.splitlines()
    assert [line.split()[0] for line in listed] == list(BACKENDS)
    assert not {"'tensorflow'", "'jax'", "'onnxruntime'", "'groq'"} & set(modules.strip("[]").split(", "))
    for line, backend in zip(listed, BACKENDS.values()):
        assert line.endswith(backend.missing() or "ready")
