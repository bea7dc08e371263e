"""The verdict on reduced precision: which roundings a model survives, and that correct float32 is always right."""

from __future__ import annotations

import numpy as np
import pytest

from model.kernels import KERNELS
from model.network import build, drive
from neurochip_bench.accuracy import FAITHFUL, RIGHT, UNUSABLE, USABLE, judge
from neurochip_bench.accuracy.yardsticks import moved, run_of
from neurochip_bench.backends import ORACLE
from neurochip_bench.backends.numpy_reference import NumpyProgram
from neurochip_bench.backends.ops import NumpyOps
from neurochip_bench.settings import Settings

MILLISECONDS = 10


def rounded(array, bits):
    """Nearest number with `bits` mantissa bits behind the leading one."""
    mantissa, exponent = np.frexp(array)
    return np.ldexp(np.round(mantissa * 2.0 ** (bits + 1)) / 2.0 ** (bits + 1), exponent).astype(array.dtype)


class RoundedExponential(NumpyOps):
    def __init__(self, dtype, bits):
        super().__init__(dtype)
        self.bits = bits

    def exp(self, x):
        return rounded(np.asarray(super().exp(x)), self.bits)


class RoundedProgram(NumpyProgram):
    """Float32 with an exponential or a stored state of fewer bits."""

    exponential, state = None, None

    def _compile(self):
        super()._compile()
        step = self.kernel.step
        if self.exponential is not None:
            self._ops = RoundedExponential(self.dtype, self.exponential)
        if self.state is not None:
            self.kernel = type(self.kernel)(**{**vars(self.kernel), "step": self.rounding(step)})

    def rounding(self, step):
        return lambda *arguments: [rounded(row, self.state) for row in step(*arguments)]


@pytest.fixture(scope="module")
def truth():
    network = build("io", 4).rounded()
    return network, run_of(ORACLE, network, MILLISECONDS)


def verdict(references, truth, kind):
    network, expected = truth
    run = kind(np.dtype(np.float32), network, Settings(KERNELS["io"])).run(MILLISECONDS)
    return judge(run, expected, KERNELS["io"], references.yardsticks("io", True, MILLISECONDS))


@pytest.mark.parametrize(("bits", "word"), [(23, FAITHFUL), (14, FAITHFUL), (12, USABLE), (10, USABLE)])
def test_exponential_of_fewer_bits(references, truth, bits, word):
    kind = type("Rounded", (RoundedProgram,), {"exponential": bits})
    found = verdict(references, truth, kind)
    assert found.word == word, found.explain()


@pytest.mark.parametrize("bits", [10, 7], ids=["tf32", "bf16"])
def test_state_of_fewer_bits_is_unusable(references, truth, bits):
    kind = type("Rounded", (RoundedProgram,), {"state": bits})
    found = verdict(references, truth, kind)
    assert found.word == UNUSABLE, found.explain()


@pytest.mark.parametrize("kernel", KERNELS)
def test_rounding_errors_in_the_start_are_right(references, kernel):
    network = build(kernel, 4).rounded()
    stimulus = drive(network, MILLISECONDS)
    truth = run_of(ORACLE, network, MILLISECONDS, stimulus)
    for start in moved(network):
        found = judge(
            run_of("numpy-cpu-f32", start, MILLISECONDS, stimulus),
            truth,
            KERNELS[kernel],
            references.yardsticks(kernel, True, MILLISECONDS),
        )
        assert found.word in RIGHT, found.explain()
