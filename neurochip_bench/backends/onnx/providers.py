"""The further execution providers of ONNX Runtime: what each needs, refuses and is told.

A provider that does not take the nodes is an error, never a run on the CPU.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import MappingProxyType
from typing import Any

from neurochip_bench.backends import probes
from neurochip_bench.backends.onnx.runtime import OnnxruntimeProgram
from neurochip_bench.backends.onnx.session import Provider
from neurochip_bench.backends.probes import TF32_SWITCH

# TensorRT's, off by name: with no options at all its provider would read them from ORT_TENSORRT_* instead.
NO_CACHES = {"trt_engine_cache_enable": "False", "trt_timing_cache_enable": "False"}


def gpu_name() -> str:
    """The first GPU as its driver names it."""
    for file in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        for line in file.read_text().splitlines():
            if line.startswith("Model:"):
                return line.partition(":")[2].strip()
    return "NVIDIA GPU"


class OpenvinoProgram(OnnxruntimeProgram):
    """OpenVINO on the CPU, in float32: left alone it may choose bfloat16."""

    provider = "OpenVINOExecutionProvider"
    wheels = ("onnxruntime-openvino",)
    extra = "onnx-openvino"
    distributions = ("onnx*", "tf2onnx", "openvino*")
    forms = ("calls", "unrolled")  # it rejects a Loop
    unsupported = MappingProxyType({"gather-scatter": "OpenVINO rejects a scatter that adds"})

    def _providers(self) -> list[Provider]:
        options = {"device_type": "CPU", "precision": "FP32", "num_of_threads": str(self.threads)}
        return [(self.provider, {**options, "cache_dir": ""})]  # none: compiled anew


class CudaProgram(OnnxruntimeProgram):
    """CUDA, one step in a call: the body of a Loop would be started from the CPU."""

    provider = "CUDAExecutionProvider"
    wheels = ("onnxruntime-gpu",)
    extra = "onnx-gpu"
    distributions = ("onnx*", "tf2onnx", "nvidia-*", "tensorrt*")
    memory = "cuda"
    forms = ("calls", "unrolled", "loop")
    tf32 = False

    @classmethod
    def _no_device(cls) -> str | None:
        return probes.nvidia() or probes.tf32_forced()

    def __init__(self, *arguments: Any, **options: Any) -> None:  # those of the class above
        self.device_name = gpu_name()
        super().__init__(*arguments, **options)

    def _providers(self) -> list[Provider]:
        return self._reader_providers()

    def _reader_providers(self) -> list[Provider]:
        tf32 = {"use_tf32": str(int(self.tf32))}
        return [("CUDAExecutionProvider", {"device_id": "0", **tf32}), "CPUExecutionProvider"]


class TensorrtProgram(CudaProgram):
    """TensorRT, what it does not take by CUDA; without TF32, which it would use by itself."""

    provider = "TensorrtExecutionProvider"
    unsupported = MappingProxyType({"gather-scatter": "TensorRT overwrites or rejects where a scatter should add"})

    @classmethod
    def _no_device(cls) -> str | None:
        switch = os.environ.get(TF32_SWITCH)
        wanted = "1" if cls.tf32 else "0"
        if switch != wanted:
            return f"{TF32_SWITCH} is {switch}: expected {wanted}, since CUDA reads it once for a process"
        return probes.nvidia()

    def _providers(self) -> list[Provider]:
        return [(self.provider, {"device_id": "0", **NO_CACHES}), *self._reader_providers()]


class TensorrtTf32Program(TensorrtProgram):
    """TensorRT with products rounded to TF32."""

    tf32 = True
