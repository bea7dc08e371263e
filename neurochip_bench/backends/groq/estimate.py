"""What Groq's compiler estimates where there is no card: `neurochip-bench estimate`.

It needs the compiler and onnx, no runtime. Cycles that a compiler counts are an estimate, never a timing: they leave
out each call and each transfer.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from model.checks import DTYPES
from model.coupling import lay_out
from model.kernels import DT
from model.network import Network
from neurochip_bench.backends.groq.files import package, request_for
from neurochip_bench.backends.groq.tools import cycles

HERTZ = 900e6  # of the chip, as its vendor's own estimate has it


def estimate(network: Network, form: str = "calls") -> tuple[int, float]:
    """(cycles of one run of the program, least seconds for a millisecond of the model) as the compiler counts."""
    dtype, coupling = DTYPES["f32"], "padded" if network.connected else None
    arrays = lay_out(coupling, network, dtype) if coupling else []
    request = request_for(network, coupling, arrays, "safe", DT, dtype)
    steps = 1 if form == "calls" else request.steps
    with tempfile.TemporaryDirectory(prefix="groq-") as folder:
        counted = cycles(package(request, steps)["steps"], Path(folder))
    return counted, counted / HERTZ * request.steps / steps
