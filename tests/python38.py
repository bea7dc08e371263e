"""What both packages have to do on Python 3.8 with NumPy alone; a script for `tox -e py38`, since pytest is not there.

What programs do is done where a vendor's Python does it: in a worker's private folder, not in the source tree.
"""

import os
import subprocess
import sys
import tempfile
import zlib

import numpy as np

sys.path.insert(0, ".")

from model.kernels import KERNELS
from model.network import Network, build, drive
from neurochip_bench import energy
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.backends.backend import Backend
from neurochip_bench.backends.device import GPU
from neurochip_bench.backends.numpy_reference import NumpyProgram
from neurochip_bench.backends.remote import worker
from neurochip_bench.backends.remote.program import RemoteProgram
from tests.helpers import private

# The same numbers as on every other Python and NumPy, see tests/unit/test_network.py.
STATE = 2167756067
GRAPH = {"io": 1001040151, "hh": 1759606017}


class RemoteNumpy(RemoteProgram, NumpyProgram):
    """NumPy in a worker, as vendors' libraries are run."""

    there, variable, needs = NumpyProgram, "NEUROCHIP_NUMPY_PYTHON", private.NUMPY


def check_imports():
    code = (
        "import sys, model, neurochip_bench; print(*sorted(m for m in sys.modules if m.startswith('neurochip_bench')))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE).stdout.decode().split()
    assert loaded == ["neurochip_bench", "neurochip_bench.lazy"], f"importing both packages loads {loaded}"
    os.environ["PYTHONPATH"] = os.getcwd()  # from which all of this project could be imported
    found, allowed = private.importable(sys.executable, RemoteNumpy.needs), private.allowed(RemoteNumpy.needs)
    assert found == allowed, f"a worker can import {set(found) ^ set(allowed)} beyond or short of what it may"
    assert len(found) < len(private.modules()), "a worker can import all of the source tree"


def check_networks():
    for kernel, graph in GRAPH.items():
        network = build(kernel, 4)
        found = zlib.crc32(network.sources.tobytes() + network.targets.tobytes())
        assert found == graph, f"{kernel} graph has checksum {found}"
        with tempfile.TemporaryDirectory() as folder:
            network.save(os.path.join(folder, "mine.npz"))
            loaded = Network.load(os.path.join(folder, "mine.npz"))
        assert np.array_equal(loaded.sources, network.sources), f"{kernel} is not what was saved"
    state = zlib.crc32(build("lif", 4).state.astype(np.float32).tobytes())
    assert state == STATE, f"lif state has checksum {state}"


def check_runs():
    os.environ["NEUROCHIP_NUMPY_PYTHON"] = sys.executable
    there = Backend("numpy", "worker", "f64", RemoteNumpy)
    assert there.missing() is None, there.missing()
    networks = [build(kernel, 4) for kernel in KERNELS] + [build("lif", 4, delays=(0, 2))]
    for network in networks:
        stimulus = drive(network, 3)
        run, oracle = (backend.prepare(network).run(3, stimulus) for backend in (there, BACKENDS[ORACLE]))
        assert np.isfinite(run.state).all(), f"{network.kernel} is not finite"
        assert run.trace.shape == (4, 64), f"{network.kernel} recorded {run.trace.shape}"
        for name in ("state", "trace", "codes"):
            assert np.array_equal(getattr(run, name), getattr(oracle, name)), f"{network.kernel}: {name} differs"
    worker.close_all()


def check_what_is_missing():
    reason = BACKENDS["tensorflow-cpu-f32"].missing()
    assert "not installed" in str(reason), reason
    assert "tensorflow" not in sys.modules
    assert "not installed" in str(energy.missing(GPU))


def main():
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}")
    check_imports()
    check_networks()
    check_runs()
    check_what_is_missing()
    print("both packages load nothing that is not asked for; a worker imports its part of them, builds and runs")


if __name__ == "__main__":
    main()
