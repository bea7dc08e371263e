"""What Groq's compiler estimates where there is no card: `python -m neurochip_bench.backends.groq.estimate`.

It needs the compiler and onnx, no runtime. Cycles that a compiler counts are an estimate, never a timing: they leave
out each call and each transfer.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Sequence

from model.checks import DTYPES
from model.coupling import lay_out
from model.kernels import KERNELS
from model.network import Network, build
from neurochip_bench.backends.groq.files import package, request_for
from neurochip_bench.backends.groq.program import FORMS
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; what is missing is one sentence and exit code 4."""
    parser = argparse.ArgumentParser(prog="python -m neurochip_bench.backends.groq.estimate", description=__doc__)
    parser.add_argument("--kernel", choices=list(KERNELS), default="io")
    parser.add_argument("--side", type=int, default=9, help="of the network, which has side^3 cells (default: 9)")
    parser.add_argument("--connected", action="store_true")
    parser.add_argument("--form", choices=FORMS, default="calls")
    options = parser.parse_args(arguments)
    try:
        network = build(options.kernel, options.side, options.connected)
        counted, seconds = estimate(network, options.form)
    except (ImportError, RuntimeError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 4
    print(f"estimate, not a timing: {counted:,} cycles in a run of the program, real-time factor {1e3 * seconds:.3g}")
    print(f"({network.kernel}, {network.cells:,} cells, {options.form}; without calls and transfers, at 900 MHz)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
