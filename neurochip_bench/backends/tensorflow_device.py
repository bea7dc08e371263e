"""TensorFlow's XLA on a GPU or a TPU: an eager function of many milliseconds, its state kept on the device.

Unlike on the CPU there is no pool of threads to choose, so that no session is needed.
"""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path

import numpy as np

from model.arrays import Array, Codes, Reals
from model.network import Network
from neurochip_bench.backends import probes
from neurochip_bench.backends.host import cpu_name
from neurochip_bench.backends.libraries import Handle, Library, installed
from neurochip_bench.backends.tensorflow_loop import TensorflowLoop
from neurochip_bench.backends.tensorflow_xla import TensorflowProgram, load_tensorflow
from neurochip_bench.backends.xla import HandedProgram, milliseconds_of_a_call
from neurochip_bench.settings import Settings


def build_facts() -> str:
    """What TensorFlow's build says of itself, read from its package without importing it; empty if there is none."""
    spec = importlib.util.find_spec("tensorflow")
    folders = list(spec.submodule_search_locations or []) if spec else []
    file = Path(folders[0]) / "python/platform/build_info.py" if folders else Path()
    return file.read_text() if file.is_file() else ""


class TensorflowDeviceProgram(TensorflowLoop, HandedProgram):
    """A network compiled by TensorFlow's XLA for one device; subclasses say which."""

    place = "/CPU:0"
    threads = None

    def __init__(self, dtype: np.dtype, network: Network, settings: Settings) -> None:
        self._tf = self._ready()
        self.library_version = self._tf.__version__
        self.device_name = self._name()
        self.block = milliseconds_of_a_call(network.cells)
        super().__init__(dtype, network, settings)

    @classmethod
    def missing(cls) -> str | None:
        """None, or a sentence."""
        return TensorflowProgram.missing()

    @staticmethod
    def _ready() -> Library:
        """TensorFlow, with its device set up."""
        return load_tensorflow()

    def _name(self) -> str:
        return cpu_name()

    def _compile(self) -> None:
        self._load()
        self._run = self._tf.function(self._loop, jit_compile=True, autograph=False)
        self._call(0, self._at_rest)  # no step, but XLA compiles now

    def _put(self, value: Array) -> Handle:
        value = np.asarray(value)
        with self._tf.device(self.place):
            return self._tf.identity(value.astype(self.dtype) if value.dtype.kind == "f" else value)

    def _call(self, milliseconds: int, applied: Handle) -> Handle:
        count = self._tf.constant(milliseconds, self._tf.int32)  # a Python number would be compiled in
        with self._tf.device(self.place):
            return self._run(count, self._rows, self._armed, applied, self._arrays)

    def _advance(self, milliseconds: int, stimulus: Reals | None) -> tuple[Reals, Codes]:
        applied = self._applied(milliseconds, stimulus)
        self._rows, self._armed, trace, codes = self._call(milliseconds, applied)
        trace, codes = (a[:milliseconds, : self.network.cells].numpy() for a in (trace, codes))
        return trace, codes

    def _state(self) -> Reals:
        return np.stack([row.numpy() for row in self._rows[: len(self.network.state)]])[:, : self.network.cells]


@lru_cache(maxsize=None)
def _gpu() -> Library:
    tf = load_tensorflow()
    tf.config.experimental.enable_op_determinism()
    tf.config.experimental.enable_tensor_float_32_execution(False)
    for device in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(device, True)
    return tf


class TensorflowGpuProgram(TensorflowDeviceProgram):
    """A network compiled by TensorFlow's XLA for an NVIDIA GPU: deterministic, no TF32, memory as it is needed."""

    extra = "tensorflow-gpu"
    distributions = ("tensorflow*", "keras", "ml-dtypes", "nvidia-*")
    place = "/GPU:0"
    tf32 = False

    @classmethod
    def missing(cls) -> str | None:
        """None, or a sentence: TensorFlow without CUDA, no GPU or no driver."""
        if "'is_cuda_build', True" not in build_facts():
            return "TensorFlow with CUDA is not installed (python -m pip install 'neurochip-bench[tensorflow-gpu]')"
        return probes.nvidia() or probes.tf32_forced() or super().missing()

    @staticmethod
    def _ready() -> Library:
        return _gpu()

    def _name(self) -> str:
        device = self._tf.config.list_physical_devices("GPU")[0]
        return self._tf.config.experimental.get_device_details(device).get("device_name", "NVIDIA GPU")


@lru_cache(maxsize=None)
def _tpu() -> Library:
    tf = load_tensorflow()
    resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu="local")  # asks nobody over the network
    tf.tpu.experimental.initialize_tpu_system(resolver)
    return tf


class TensorflowTpuProgram(TensorflowDeviceProgram):
    """A network compiled by TensorFlow's XLA for a Google TPU of this machine, found by its local resolver."""

    extra = "tensorflow-tpu"
    distributions = ("tensorflow*", "keras", "ml-dtypes", "libtpu*")
    place = "/TPU:0"

    @classmethod
    def missing(cls) -> str | None:
        """None, or a sentence: no TensorFlow for TPUs, or no TPU."""
        if not installed("tensorflow", "libtpu"):
            return "TensorFlow for TPUs is not installed (python -m pip install 'neurochip-bench[tensorflow-tpu]')"
        return probes.tpu() or super().missing()

    @staticmethod
    def _ready() -> Library:
        return _tpu()

    def _name(self) -> str:
        return "Google TPU"
