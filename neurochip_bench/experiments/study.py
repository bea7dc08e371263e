"""Would an inferior olive survive on a chip? The stress test in the arithmetic of chips that are not here.

`neurochip-bench study FILE` (or `tox -e study`, some five minutes) writes the table that
docs/precision.md shows and that `pytest -m emulated` reproduces.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Iterator

from model.kernels import DT, KERNELS
from neurochip_bench.accuracy import judge
from neurochip_bench.accuracy.verdict import Yardsticks
from neurochip_bench.accuracy.yardsticks import yardsticks
from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.emulated_ops import Arithmetic
from neurochip_bench.experiments.stress import MILLISECONDS, outcome, protocol
from neurochip_bench.run import Run

TRUTH, FLOAT32 = "jax-cpu-f64", "jax-cpu-f32"  # tests show that this truth is NumPy's over the first second
PRESETS = ("emulated-ieee", "emulated-groqchip", "emulated-tf32", "emulated-bf16", "emulated-fp16")
WIDTHS = (7, 8, 9, 10, 11, 12, 14, 16, 18, 20)  # bits of quotients and exponentials of the assumed GroqChip


@dataclass(frozen=True)
class Setting:
    """A run of the study; `bits` replaces the width of quotients and exponentials."""

    backend: str
    rates: str = "safe"
    accumulation: str = "plain"
    bits: int | None = None
    dt: float = DT

    @property
    def name(self) -> str:
        """Key in the table."""
        bits = f"-{self.bits}-bits" if self.bits else ""
        dt = f"-dt={self.dt}" if self.dt != DT else ""
        return f"{self.backend}{bits}-{self.rates}-{self.accumulation}{dt}"


def settings() -> Iterator[Setting]:
    """Every run of the study."""
    for backend in PRESETS:
        for rates in ("published", "safe"):
            for accumulation in ("plain", "compensated"):
                yield Setting(backend, rates, accumulation)
    for bits in WIDTHS:
        for rates in ("published", "safe"):
            yield Setting("emulated-groqchip", rates, bits=bits)
    yield Setting("emulated-groqchip", "published", bits=10, dt=DT / 10)


def arithmetic(backend: str) -> Arithmetic:
    """What an emulated chip computes in."""
    program: Any = BACKENDS[backend].program  # of all programs only these have a chip
    return program.chip


@lru_cache(maxsize=None)
def truth(dt: float = DT) -> Run:
    """The float64 run of the protocol."""
    network, stimulus = protocol()
    return BACKENDS[TRUTH].prepare(network, dt=dt).run(MILLISECONDS, stimulus)


def run(setting: Setting) -> Run:
    """A setting's run of the protocol."""
    network, stimulus = protocol()
    options: dict[str, Any] = {}  # of a backend's own types
    if setting.bits:
        chip = arithmetic(setting.backend)
        width = replace(chip.exponential, mantissa=setting.bits)
        options["arithmetic"] = replace(chip, divide=width, exponential=width)
    program = BACKENDS[setting.backend].prepare(
        network, None, setting.rates, setting.dt, accumulation=setting.accumulation, **options
    )
    return program.run(MILLISECONDS, stimulus)


def entry(setting: Setting, limits: Yardsticks) -> dict[str, Any]:  # JSON scalars
    """A setting's line of the table: its outcome, and at the usual step its verdict by the protocol's yardsticks."""
    result = run(setting)
    line = outcome(result, truth(setting.dt)).record()
    line["verdict"] = judge(result, truth(), KERNELS["io"], limits).word if setting.dt == DT else None
    return line


def study() -> dict[str, Any]:  # JSON
    """The table: the yardsticks of the protocol, and an entry by name for every setting."""
    network, stimulus = protocol()
    limits = yardsticks(network, truth(), stimulus, [MILLISECONDS], backends=(FLOAT32, TRUTH))[str(MILLISECONDS)]
    runs = {}
    for setting in settings():
        runs[setting.name] = entry(setting, limits)
        print(setting.name, runs[setting.name], flush=True)
    return {"spikes": int(truth().spikes.sum()), "yardsticks": limits, "runs": runs}
