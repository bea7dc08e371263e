"""The backends, by id, in the order in which they are run and listed."""

from __future__ import annotations

from model.backends.numpy_reference import NumpyProgram
from model.backends.program import Backend, Program
from model.backends.run import Run
from model.backends.tensorflow_xla import TensorflowProgram
from model.checks import Named

REGISTRY = (
    Backend("numpy", "cpu", "f64", NumpyProgram),
    Backend("numpy", "cpu", "f32", NumpyProgram),
    Backend("tensorflow", "cpu", "f32", TensorflowProgram),
    Backend("tensorflow", "cpu", "f64", TensorflowProgram),
)

BACKENDS = Named("backend", {backend.id: backend for backend in REGISTRY})
ORACLE = "numpy-cpu-f64"

__all__ = ["BACKENDS", "ORACLE", "Backend", "Program", "Run"]
