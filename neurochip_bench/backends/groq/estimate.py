"""What Groq's compiler estimates where there is no card: `neurochip-bench estimate`.

It needs the compiler and onnx, no runtime. Cycles that a compiler counts are an estimate, never a timing: they leave
out each call and each transfer.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from model.checks import DTYPES
from model.coupling import lay_out
from model.kernels import KERNELS
from model.network import Network
from neurochip_bench.backends.groq.files import package, request_for
from neurochip_bench.backends.groq.tools import cycles
from neurochip_bench.settings import Settings

HERTZ = 900e6  # of the chip, as its vendor's own estimate has it


def estimate(network: Network, form: str = "calls") -> tuple[int, float]:
    """(cycles of one run of the program, least seconds for a millisecond of the model) as the compiler counts."""
    dtype, settings = DTYPES["f32"], Settings(KERNELS[network.kernel], "padded" if network.connected else None)
    arrays = lay_out(settings.coupling, network, dtype) if settings.coupling else []
    request = request_for(network, settings, arrays, dtype)
    steps = 1 if form == "calls" else settings.steps_per_ms
    with tempfile.TemporaryDirectory(prefix="groq-") as folder:
        counted = cycles(package(request, steps)["steps"], Path(folder))
    return counted, counted / HERTZ * settings.steps_per_ms / steps
