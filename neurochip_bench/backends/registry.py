"""The backends, by id, in the order in which they are run and listed."""

from __future__ import annotations

from model.checks import DTYPES
from model.kernels import KERNELS
from neurochip_bench.additions import kernels
from neurochip_bench.additions.loader import Loader
from neurochip_bench.additions.registry import Lazy
from neurochip_bench.additions.sources import word
from neurochip_bench.backends.backend import Backend
from neurochip_bench.backends.device import CPU, EMULATED, GPU, GROQ, IPU, TPU, Device
from neurochip_bench.backends.emulated import (
    EmulatedBf16,
    EmulatedFp16,
    EmulatedGroqchip,
    EmulatedProgram,
    EmulatedTf32,
)
from neurochip_bench.backends.groq.program import RemoteGroqProgram
from neurochip_bench.backends.ipu.program import RemoteIpuProgram
from neurochip_bench.backends.jax_xla import JaxGpuProgram, JaxProgram, JaxTpuProgram
from neurochip_bench.backends.native.program import NumbaProgram
from neurochip_bench.backends.numpy_reference import NumpyProgram
from neurochip_bench.backends.onnx.providers import CudaProgram, OpenvinoProgram, TensorrtProgram, TensorrtTf32Program
from neurochip_bench.backends.onnx.runtime import OnnxruntimeProgram
from neurochip_bench.backends.tensorflow_device import TensorflowGpuProgram, TensorflowTpuProgram
from neurochip_bench.backends.tensorflow_xla import TensorflowProgram

REGISTRY = (
    Backend("numpy", "cpu", "f64", NumpyProgram),
    Backend("numpy", "cpu", "f32", NumpyProgram),
    Backend("tensorflow", "cpu", "f32", TensorflowProgram),
    Backend("tensorflow", "cpu", "f64", TensorflowProgram),
    Backend("jax", "cpu", "f32", JaxProgram),
    Backend("jax", "cpu", "f64", JaxProgram),
    Backend("numba", "cpu", "f32", NumbaProgram),
    Backend("numba", "cpu", "f64", NumbaProgram),
    Backend("onnxruntime", "cpu", "f32", OnnxruntimeProgram),
    Backend("onnxruntime", "openvino", "f32", OpenvinoProgram),
    Backend("onnxruntime", "cuda", "f32", CudaProgram, GPU),
    Backend("onnxruntime", "tensorrt", "f32", TensorrtProgram, GPU),
    Backend("onnxruntime", "tensorrt", "tf32", TensorrtTf32Program, GPU),
    Backend("tensorflow", "gpu", "f32", TensorflowGpuProgram, GPU),
    Backend("jax", "gpu", "f32", JaxGpuProgram, GPU),
    Backend("jax", "gpu", "f64", JaxGpuProgram, GPU),
    Backend("emulated", "ieee", "f32", EmulatedProgram, EMULATED),
    Backend("emulated", "tf32", "f32", EmulatedTf32, EMULATED),
    Backend("emulated", "bf16", "f32", EmulatedBf16, EMULATED),
    Backend("emulated", "fp16", "f32", EmulatedFp16, EMULATED),
    Backend("emulated", "groqchip", "f32", EmulatedGroqchip, EMULATED),
    Backend("tensorflow", "tpu", "f32", TensorflowTpuProgram, TPU),
    Backend("jax", "tpu", "f32", JaxTpuProgram, TPU),
    Backend("tensorflow", "ipu", "f32", RemoteIpuProgram, IPU),
    Backend("groq", "groqchip", "f32", RemoteGroqProgram, GROQ),
)

DEVICES = (CPU, GPU, TPU, IPU, GROQ, EMULATED)
GROUP = "neurochip_bench.backends"  # of entry points


def checked(thing: object) -> Backend:
    """A backend of another package; raises ValueError for what is none, or cannot be told apart."""
    if not isinstance(thing, Backend):
        raise ValueError(f"is {type(thing).__name__}: expected a neurochip_bench.backends.Backend")
    for part in (thing.library, thing.device, thing.precision, thing.mark):
        word(part)
    if thing.mark in KERNELS:
        raise ValueError(f"is marked {thing.mark!r}, which is a kernel: expected another marker")
    if thing.precision not in DTYPES:
        raise ValueError(f"has precision {thing.precision!r}: expected one of {', '.join(DTYPES)}")
    known = {device.mark: device for device in DEVICES}
    if known.get(thing.mark, thing.on) != thing.on:
        raise ValueError(f"is on another device {thing.mark!r} than is known: expected another marker, or that device")
    return thing


def add(thing: object) -> str:
    """The id of a backend of another package, which is known from now on; raises ValueError for what is none."""
    backend = checked(thing)
    return BACKENDS.register(backend.id, backend)


BACKENDS: Lazy[Backend] = Lazy("backend", {backend.id: backend for backend in REGISTRY})
OTHERS = Loader("backend", GROUP, "BACKENDS", add)
BACKENDS.loaders += (kernels.OTHERS, OTHERS)  # a backend's marker must be no kernel, so these come first
ORACLE = "numpy-cpu-f64"


def devices() -> dict[str, Device]:
    """The kinds of device that backends run on, by marker: this project's first."""
    known = {device.mark: device for device in DEVICES}
    return {**known, **{backend.mark: backend.on for backend in BACKENDS.values()}}
