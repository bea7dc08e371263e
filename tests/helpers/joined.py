"""Some networks over two devices of each process: `python -m tests.helpers.joined HOST:PORT PROCESSES PROCESS`.

Prints a digest of each run's bits as JSON.
"""

from __future__ import annotations

import hashlib
import json
import sys

import numpy as np

from model.kernels import KERNELS
from model.network import Network, build
from model.network.drawing import Drawing
from neurochip_bench.backends.sharded.program import ShardedCpuProgram
from neurochip_bench.networks.undrawn import Undrawn
from neurochip_bench.settings import Settings

DRAWING = Drawing("lif", (4, 5, 9), True, 42, "paper", False, None, planes=True)


def whole():
    """The network of the drawing, drawn by one process."""
    piece = DRAWING.whole()
    return Network("lif", piece.state, piece.sources, piece.targets, None, piece.parameters).rounded()


def ring():
    """A ring whose cells nobody has put in order, with weights and delays of their own."""
    order = np.random.default_rng(0).permutation(61)
    state = KERNELS["lif"].initial(61, np.random.default_rng(1))
    weights, delays = np.linspace(0.01, 0.3, 61), np.linspace(0.0, 1.0, 61)
    return Network("lif", state, order, np.roll(order, 1), weights, delays=delays).rounded()


CASES = {
    "olives": (lambda: build("io", 4).rounded(), None),
    "late spikes together": (lambda: build("lif", 5, delays=(0.3, 2.0)).rounded(), "padded"),
    "late spikes by a scatter, of a ring out of order": (ring, "gather-scatter"),
    "drawn share by share": (whole, "padded"),
}


def digests(prepare, cases):
    """A digest of each case's run over 3 ms."""
    found = {}
    for name, (network, coupling) in cases.items():
        made = network()
        run = prepare(made, Settings(KERNELS[made.kernel], coupling)).run(3)
        arrays = (run.state, run.first, run.trace, run.codes)
        found[name] = hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()
    return found


def main(arguments):
    """Print the digests."""
    coordinator, processes, process = arguments[0], int(arguments[1]), int(arguments[2])
    group = {"devices": 2 * processes, "group": (coordinator, processes, process)}
    cases = {**CASES, "drawn share by share": (lambda: Undrawn(DRAWING), "padded")}
    print(json.dumps(digests(lambda *of: ShardedCpuProgram(np.dtype("f4"), *of, **group), cases)))


if __name__ == "__main__":
    main(sys.argv[1:])
