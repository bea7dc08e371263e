"""The backends, by id, in the order in which they are run and listed."""

from __future__ import annotations

from model.backends.numpy_reference import NumpyProgram
from model.backends.onnx_providers import CudaProgram, OpenvinoProgram, TensorrtProgram, TensorrtTf32Program
from model.backends.onnx_runtime import OnnxruntimeProgram
from model.backends.program import Backend, Program
from model.backends.tensorflow_xla import TensorflowProgram
from model.checks import Named
from model.run import Run

REGISTRY = (
    Backend("numpy", "cpu", "f64", NumpyProgram),
    Backend("numpy", "cpu", "f32", NumpyProgram),
    Backend("tensorflow", "cpu", "f32", TensorflowProgram),
    Backend("tensorflow", "cpu", "f64", TensorflowProgram),
    Backend("onnxruntime", "cpu", "f32", OnnxruntimeProgram),
    Backend("onnxruntime", "openvino", "f32", OpenvinoProgram),
    Backend("onnxruntime", "cuda", "f32", CudaProgram, "gpu"),
    Backend("onnxruntime", "tensorrt", "f32", TensorrtProgram, "gpu"),
    Backend("onnxruntime", "tensorrt", "tf32", TensorrtTf32Program, "gpu"),
)

BACKENDS = Named("backend", {backend.id: backend for backend in REGISTRY})
ORACLE = "numpy-cpu-f64"

__all__ = ["BACKENDS", "ORACLE", "Backend", "Program", "Run"]
