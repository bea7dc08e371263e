"""The user's environment: what changes nothing is ignored, what would change results is pinned, the rest is said."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest

from model.network import build, drive
from neurochip_bench.backends import BACKENDS, ORACLE, jax_settings, jax_xla, probes
from neurochip_bench.backends.libraries import installed
from neurochip_bench.cli.refusal import need

ROOT = Path(__file__).parents[2]
# Each of these ends a run, or changes its bits or its threads, where JAX or TensorFlow is left alone with it.
HOSTILE = {
    "JAX_PLATFORMS": "cuda,cpu",
    "JAX_ENABLE_X64": "0",
    "JAX_DISABLE_JIT": "1",
    "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",
    "JAX_DEBUG_NANS": "1",
    "JAX_DEFAULT_MATMUL_PRECISION": "bfloat16",
    "JAX_NUMPY_DTYPE_PROMOTION": "strict",
    "JAX_NUMPY_RANK_PROMOTION": "raise",
    "JAX_NUM_CPU_DEVICES": "4",
    "JAX_TRANSFER_GUARD_HOST_TO_DEVICE": "disallow",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "PJRT_NPROC": "3",
    "TF_ENABLE_ONEDNN_OPTS": "1",
    "TF_NUM_INTRAOP_THREADS": "3",
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "CUDA_VISIBLE_DEVICES": "",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "2",
    "KMP_AFFINITY": "compact",
    "MPLBACKEND": "module://nowhere",
    "PYTHONOPTIMIZE": "1",
    "PYTHONWARNINGS": "error",
}
CODE = """
import json, os, sys
from pathlib import Path
from model.network import build, drive
from neurochip_bench.backends import BACKENDS

network = build("lif", 4).rounded()
found = {}
for name, coupling in (("jax-cpu-f64", "one-hot"), ("numpy-cpu-f64", "one-hot"), ("tensorflow-cpu-f32", None)):
    if BACKENDS[name].missing() is None:
        program = BACKENDS[name].prepare(network, coupling)
        state = program.run(5, drive(network, 5)).state
        pool = [Path(f"/proc/self/task/{task}/comm").read_text() for task in os.listdir("/proc/self/task")]
        found[name] = {"threads": program.threads, "type": state.dtype.name, "state": state.tolist(),
                       "pool": sum("XLAEigen" in comm for comm in pool)}
print(json.dumps(found))
"""


@pytest.mark.slow  # five seconds, most of which TensorFlow takes to be imported once more
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted as Linux lists them")
def test_hostile_settings_change_neither_results_nor_threads_and_fill_no_cache(tmp_path):
    folders = [tmp_path / name for name in ("of-jax", "of-tensorflow")]  # no names that could be imported
    caches = {
        "JAX_COMPILATION_CACHE_DIR": str(folders[0]),
        "TF_XLA_FLAGS": f"--tf_xla_persistent_cache_directory={folders[1]}",
    }
    folders[1].mkdir()  # TensorFlow makes none
    environment = {**os.environ, **HOSTILE, **caches, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    network = build("lif", 4).rounded()
    truth = BACKENDS[ORACLE].prepare(network).run(5, drive(network, 5)).state
    found = json.loads(done.stdout.splitlines()[-1])
    assert found
    for name, told in found.items():
        assert told["threads"] in (1, None), name
        assert told["type"] == ("float64" if name.endswith("f64") else "float32")
        assert np.abs(np.array(told["state"]) - truth).max() < (1e-9 if name.endswith("f64") else 2e-3), name
    if "jax-cpu-f64" in found:
        assert found["jax-cpu-f64"]["pool"] == 1
        own = BACKENDS["jax-cpu-f64"].prepare(network, "one-hot").run(5, drive(network, 5)).state
        assert np.array_equal(own, np.array(found["jax-cpu-f64"]["state"]))
    assert not [file for folder in folders if folder.exists() for file in folder.iterdir()]


@pytest.mark.parametrize("text", ["cuda", "tpu,cuda", "rocm"])
def test_platforms_without_a_cpu_leave_out_jax_on_it_and_are_named(monkeypatch, text):
    if BACKENDS["jax-cpu-f32"].missing():
        pytest.skip(BACKENDS["jax-cpu-f32"].missing())
    monkeypatch.setenv("JAX_PLATFORMS", text)
    for name in ("jax-cpu-f32", "jax-cpu-f64", "emulated-bf16"):
        assert BACKENDS[name].missing() == (
            f"JAX_PLATFORMS is {text!r}: expected 'cpu' among its names, or that it is not set"
        )


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        (None, ["cuda", "cpu"], "cuda,cpu"),
        ("", ["cpu"], "cpu"),
        ("cpu", ["cuda", "cpu"], "cpu"),
        ("gpu,cpu", ["cuda", "cpu"], "cuda,cpu"),
        ("cuda,cpu", ["cpu"], "cpu"),
        (" CPU , tpu", ["tpu", "cpu"], "cpu,tpu"),
    ],
)
def test_jax_looks_for_those_platforms_that_are_here_and_that_the_user_names(monkeypatch, text, found, expected):
    monkeypatch.delenv("JAX_PLATFORMS", raising=False)
    if text is not None:
        monkeypatch.setenv("JAX_PLATFORMS", text)
    assert jax_settings.platforms(found) == expected


def test_jax_of_a_worker_opens_its_own_platform_alone(monkeypatch):
    """JAX opens all that it is told to look for, and a TPU that a worker has cannot be opened by another process."""
    monkeypatch.setattr(jax_xla, "ELSEWHERE", set())
    jax_xla.only("cuda")
    assert {"tpu"} <= jax_xla.ELSEWHERE
    assert not {"cuda", "cpu"} & jax_xla.ELSEWHERE
    jax_xla.only("cpu")
    assert {"cuda", "tpu"} <= jax_xla.ELSEWHERE


def test_jax_leaves_alone_what_other_processes_have(monkeypatch):
    if BACKENDS["jax-cpu-f32"].missing():
        pytest.skip(BACKENDS["jax-cpu-f32"].missing())
    monkeypatch.setattr(jax_xla.JaxTpuProgram, "missing", classmethod(lambda cls: None))
    monkeypatch.setattr(jax_xla.JaxGpuProgram, "missing", classmethod(lambda cls: None))
    monkeypatch.setattr(jax_xla, "ELSEWHERE", {"tpu"})
    monkeypatch.delenv("JAX_PLATFORMS", raising=False)
    assert jax_xla.looked_for() == "cuda,cpu"


@pytest.fixture
def gpu(tmp_path):
    """A root folder with NVIDIA's driver in it."""
    for name in ("dev/nvidiactl", "proc/driver/nvidia/version"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(("text", "hidden"), [("", True), ("-1", True), ("-1,0", True), ("0", False), ("1,-1", False)])
def test_gpu_that_the_user_hides_is_said_to_be(gpu, monkeypatch, text, hidden):
    monkeypatch.setenv(probes.VISIBLE, text)
    sentence = f"CUDA_VISIBLE_DEVICES is {text!r}: expected a GPU in it, or that it is not set"
    assert probes.nvidia(gpu) == (sentence if hidden else None)


@pytest.mark.parametrize("name", ["jax-gpu-f32", "jax-gpu-f64", "tensorflow-gpu-f32", "onnxruntime-cuda-f32"])
def test_tf32_that_is_forced_on_every_library_leaves_out_rows_without_it(name, monkeypatch):
    monkeypatch.setattr(probes, "nvidia", lambda: None)
    believed = ModuleSpec(name, None, origin="believed")  # whatever is installed here
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: believed)
    monkeypatch.setattr("neurochip_bench.backends.tensorflow_device.build_facts", lambda: "'is_cuda_build', True")
    monkeypatch.setattr("neurochip_bench.backends.onnx.runtime.installed_wheels", lambda: ["onnxruntime-gpu"])
    monkeypatch.delenv("JAX_PLATFORMS", raising=False)
    monkeypatch.setenv(probes.TF32_SWITCH, "0")
    assert BACKENDS[name].missing() is None
    monkeypatch.setenv(probes.TF32_SWITCH, "1")
    assert BACKENDS[name].missing() == "NVIDIA_TF32_OVERRIDE is 1: expected 0, or that it is not set"


DRAWS = {
    "the report": "import neurochip_bench.report.render",
    "the study": (
        "from pathlib import Path; from neurochip_bench.tools.precision import draw\n"
        "try: draw({}, Path('x.svg'))\nexcept KeyError: import matplotlib.pyplot"
    ),
}


@pytest.mark.parametrize("code", DRAWS.values(), ids=DRAWS)
def test_notebooks_backend_of_matplotlib_does_not_end_what_draws(code):
    pytest.importorskip("matplotlib")
    environment = {**os.environ, "MPLBACKEND": "module://matplotlib_inline.backend_inline", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=120)


def test_what_a_command_needs_is_looked_for_without_touching_the_environment(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "module://nowhere")
    need("numpy")
    assert os.environ["MPLBACKEND"] == "module://nowhere"


def test_figures_are_the_same_whatever_the_users_matplotlibrc_says():
    mpl = pytest.importorskip("matplotlib")
    from neurochip_bench.report.figures.style import drawing
    from neurochip_bench.report.render import render

    plain = render(lambda: drawing()[0])
    with mpl.rc_context({"text.usetex": True, "font.size": 30, "axes.facecolor": "red", "lines.linewidth": 9}):
        assert render(lambda: drawing()[0]) == plain
        assert mpl.rcParams["font.size"] == 30


def test_folder_of_a_librarys_name_is_not_the_library(tmp_path, monkeypatch):
    """Such as a clone or the results that somebody keeps where pytest is started."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    (tmp_path / "tensorflow").mkdir()
    importlib.invalidate_caches()
    assert importlib.util.find_spec("tensorflow") is not None
    for name in ("tensorflow-cpu-f32", "tensorflow-gpu-f32"):
        assert "is not installed" in str(BACKENDS[name].missing())
    (tmp_path / "tensorflow" / "__init__.py").touch()
    importlib.invalidate_caches()
    assert installed("tensorflow")
