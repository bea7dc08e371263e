"""What `model` has to do on Python 3.8 with NumPy alone; a script for `tox -e py38`, since pytest is not there."""

import sys
import zlib

import numpy as np

sys.path.insert(0, ".")

from model.network import build, drive
from neurochip_bench import energy
from neurochip_bench.backends import BACKENDS, ORACLE

# The same numbers as on every other Python and NumPy, see tests/unit/test_network.py.
STATE = 2167756067
GRAPH = {"io": 1001040151, "hh": 1759606017}


def main():
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}")
    for kernel in ("io", "hh", "lif"):
        network = build(kernel, 4)
        run = BACKENDS[ORACLE].prepare(network).run(2, drive(network, 2))
        assert np.isfinite(run.state).all(), f"{kernel} is not finite"
        assert run.trace.shape == (3, 64), f"{kernel} recorded {run.trace.shape}"
        graph = zlib.crc32(network.sources.tobytes() + network.targets.tobytes())
        assert graph == GRAPH.get(kernel, graph), f"{kernel} graph has checksum {graph}"
    late = BACKENDS[ORACLE].prepare(build("lif", 4, delays=(0, 2))).run(3)
    assert np.isfinite(late.state).all(), "lif with delays is not finite"
    state = zlib.crc32(build("lif", 4).state.astype(np.float32).tobytes())
    assert state == STATE, f"lif state has checksum {state}"
    reason = BACKENDS["tensorflow-cpu-f32"].missing()
    assert "not installed" in str(reason), reason
    assert "tensorflow" not in sys.modules
    assert "not installed" in str(energy.missing("gpu"))
    print("model imports, builds and runs")


if __name__ == "__main__":
    main()
