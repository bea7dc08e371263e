"""The backends, by id, in the order in which they are run and listed."""

from __future__ import annotations

from model.checks import Named
from neurochip_bench.backends.backend import Backend
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
    Backend("onnxruntime", "cpu", "f32", OnnxruntimeProgram),
    Backend("onnxruntime", "openvino", "f32", OpenvinoProgram),
    Backend("onnxruntime", "cuda", "f32", CudaProgram, "gpu"),
    Backend("onnxruntime", "tensorrt", "f32", TensorrtProgram, "gpu"),
    Backend("onnxruntime", "tensorrt", "tf32", TensorrtTf32Program, "gpu"),
    Backend("tensorflow", "gpu", "f32", TensorflowGpuProgram, "gpu"),
    Backend("jax", "gpu", "f32", JaxGpuProgram, "gpu"),
    Backend("jax", "gpu", "f64", JaxGpuProgram, "gpu"),
    Backend("emulated", "ieee", "f32", EmulatedProgram, "emulated"),
    Backend("emulated", "tf32", "f32", EmulatedTf32, "emulated"),
    Backend("emulated", "bf16", "f32", EmulatedBf16, "emulated"),
    Backend("emulated", "fp16", "f32", EmulatedFp16, "emulated"),
    Backend("emulated", "groqchip", "f32", EmulatedGroqchip, "emulated"),
    Backend("tensorflow", "tpu", "f32", TensorflowTpuProgram, "tpu"),
    Backend("jax", "tpu", "f32", JaxTpuProgram, "tpu"),
    Backend("tensorflow", "ipu", "f32", RemoteIpuProgram, "ipu"),
    Backend("groq", "groqchip", "f32", RemoteGroqProgram, "groq"),
)

BACKENDS = Named("backend", {backend.id: backend for backend in REGISTRY})
ORACLE = "numpy-cpu-f64"
