"""The yardsticks of the long experiments: `neurochip-bench limits FILE` writes them.

They are taken from 64 inferior olives, and do for the sizes that are run, 64 and 729. Larger ones: docs/verdicts.md.
"""

from __future__ import annotations

from model.arrays import Singles
from model.network import Network, build
from neurochip_bench.accuracy.verdict import Yardsticks
from neurochip_bench.accuracy.yardsticks import run_of, yardsticks
from neurochip_bench.experiments import stress, validation

FLOAT32, FLOAT64 = "jax-cpu-f32", "jax-cpu-f64"  # tests show that the latter is NumPy's over the first second


def limits() -> dict[str, dict[str, Yardsticks]]:
    """{experiment: {milliseconds: yardsticks}}, of the whole protocol and of its quick form."""
    network, stimulus = stress.protocol()
    return {
        "validation": of(build("io", 4).rounded(), None, validation.QUICK_MS, validation.MILLISECONDS),
        "stress": of(network, stimulus, stress.QUICK_MS, stress.MILLISECONDS),
    }


def of(network: Network, stimulus: Singles | None, *windows: int) -> dict[str, Yardsticks]:
    """The yardsticks of a network for windows of its longest run, the last one."""
    truth = run_of(FLOAT64, network, windows[-1], stimulus)
    return yardsticks(network, truth, stimulus, windows, backends=(FLOAT32, FLOAT64))
