"""Chips that are not here, emulated in their arithmetic: would a model survive on them? Nothing is said about time.

A kernel runs as it is written, compiled by JAX for the CPU, with each result rounded as the chip would round it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Sequence, cast

import numpy as np

from model.arrays import Array
from model.coupling import Couple
from model.network import Network
from model.operations import Operations
from neurochip_bench.backends.emulated_ops import Arithmetic, EmulatedOps, plain
from neurochip_bench.backends.jax_xla import JaxProgram
from neurochip_bench.backends.rounding import BFLOAT16, FLOAT16, TF32, Format
from neurochip_bench.backends.stepping import Held
from neurochip_bench.settings import Settings

NOT_ADDED = "its sum is not made of the chip's additions"


class EmulatedProgram(JaxProgram):
    """A network in the arithmetic of a chip: by default float32 as IEEE 754 has it, bit for bit JAX's on the CPU.

    arithmetic   an `Arithmetic` to run instead of the chip's
    """

    options = ("arithmetic",)
    chip = Arithmetic()
    unsupported = MappingProxyType(dict.fromkeys(("gather-scatter", "one-hot", "dense"), NOT_ADDED))

    def __init__(
        self, dtype: np.dtype, network: Network, settings: Settings, *, arithmetic: Arithmetic | None = None
    ) -> None:
        self.arithmetic = self.chip if arithmetic is None else arithmetic
        if not isinstance(self.arithmetic, Arithmetic):
            raise ValueError(f"arithmetic is {arithmetic!r}: expected an Arithmetic of emulated_ops")
        super().__init__(dtype, network, settings)

    def best_coupling(self, network: Network) -> str:
        """Padded, the only one whose sums are made of the chip's additions."""
        return "padded"

    def _name(self) -> str:
        return f"emulated on {super()._name()}"

    def _operations(self, step: Array) -> Operations:
        return cast(Operations, EmulatedOps(self._jax, self._ops, self.arithmetic, step))  # those that padded needs

    def advance(self, ops: Operations, rows: Sequence[Array], couple: Couple, held: Held) -> list[Array]:
        """The rows after a step in the chip's arithmetic, as it stores them."""
        chip = cast(EmulatedOps, ops)
        held = held._replace(stimulus=chip.given(held.stimulus))
        after = super().advance(ops, [chip.given(row) for row in rows], couple, held)
        return [plain(chip.result("state", plain(row))) for row in after]

    def count(
        self, ops: Operations, number: Array, before: Array, after: Array, armed: Array, code: Array, held: Held
    ) -> tuple[Array, Array]:
        """(armed, code), computed exactly."""
        return super().count(cast(EmulatedOps, ops).exact, number, before, after, armed, code, held)


class EmulatedTf32(EmulatedProgram):
    """NVIDIA's TensorFloat-32 for every operation and the state: 8 bits of exponent, 10 of mantissa.

    NVIDIA, "TensorFloat-32 in the A100 GPU" (2020). Tensor Cores round the factors of products only; this is what
    keeping to TF32 throughout would do.
    """

    chip = Arithmetic(TF32, TF32, TF32, TF32)


class EmulatedBf16(EmulatedProgram):
    """bfloat16 for every operation and the state: 8 bits of exponent, 7 of mantissa (Wang and Kanwar 2019, Google)."""

    chip = Arithmetic(BFLOAT16, BFLOAT16, BFLOAT16, BFLOAT16)


class EmulatedFp16(EmulatedProgram):
    """IEEE 754-2008 binary16 for every operation and the state: 5 bits of exponent, 10 of mantissa."""

    chip = Arithmetic(FLOAT16, FLOAT16, FLOAT16, FLOAT16)


class EmulatedGroqchip(EmulatedProgram):
    """GroqChip as the study assumes it: sums and products in float32, quotients and exponentials to 10 bits.

    Landsmeer et al. (2024), Neurocomputing 598:127953, section 6.4, found it unstable; the width of its approximated
    functions is not public, so that 10 bits are an assumption: see docs/precision.md for others.
    """

    chip = Arithmetic(divide=Format(10, 8), exponential=Format(10, 8))
