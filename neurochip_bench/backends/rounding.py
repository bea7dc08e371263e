"""Rounding of float32 numbers to narrower formats, by operations on their bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.arrays import Array
from model.checks import whole_number
from neurochip_bench.backends.libraries import Library

MANTISSA, EXPONENT = 23, 8  # bits of float32


@dataclass(frozen=True)
class Format:
    """A binary floating-point format: explicit bits of the mantissa (1 to 23) and bits of the exponent (2 to 8)."""

    mantissa: int
    exponent: int

    def __post_init__(self) -> None:
        for name, bits in (("mantissa", self.mantissa), ("exponent", self.exponent)):
            whole_number(f"{name} of the format", bits, 0)
        if not 1 <= self.mantissa <= MANTISSA or not 2 <= self.exponent <= EXPONENT:
            raise ValueError(
                f"format has {self.mantissa} bits of mantissa and {self.exponent} of exponent: "
                f"expected 1 to {MANTISSA} and 2 to {EXPONENT}, what float32 can hold"
            )

    @property
    def least_exponent(self) -> int:
        """Exponent of the smallest normal number."""
        return 2 - 2 ** (self.exponent - 1)

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return (2.0 - 2.0**-self.mantissa) * 2.0 ** (2 ** (self.exponent - 1) - 1)


FLOAT32, TF32, BFLOAT16, FLOAT16 = Format(23, 8), Format(10, 8), Format(7, 8), Format(10, 5)


def rounded(jax: Library, x: Array, target: Format, *, noise: Array | None = None, flush: bool = False) -> Array:
    """`x`, float32, rounded to a format.

    noise   random bits (uint32, the shape of x) to round stochastically: up with the probability of the part that is
            cut off; None to round to nearest, ties to even
    flush   subnormal numbers of the format become zeros of their sign
    """
    jnp, lax = jax.numpy, jax.lax
    if target == FLOAT32 and not flush:
        return x
    bits = lax.bitcast_convert_type(x, jnp.uint32)
    sign, size = bits & jnp.uint32(0x80000000), bits & jnp.uint32(0x7FFFFFFF)
    kept = _cut(jnp, size, MANTISSA - target.mantissa, noise)
    if target.exponent < EXPONENT:
        tiny = lax.bitcast_convert_type(_rounded_tiny(jnp, lax, jnp.abs(x), target, noise), jnp.uint32)
        kept = jnp.where(size < jnp.uint32(_bits_of(2.0**target.least_exponent)), tiny, kept)
        kept = jnp.where(kept > jnp.uint32(_bits_of(target.largest)), jnp.uint32(0x7F800000), kept)
    if flush:
        kept = jnp.where(kept < jnp.uint32(_bits_of(2.0**target.least_exponent)), jnp.uint32(0), kept)
    kept = jnp.where(size >= jnp.uint32(0x7F800000), size, kept)  # infinities and NaN stay
    return lax.bitcast_convert_type(sign | kept, jnp.float32)


def _bits_of(number: float) -> int:
    return int(np.float32(number).view(np.uint32))


def _cut(jnp: Library, size: Array, cut: int, noise: Array | None) -> Array:
    """The bits of a magnitude with the last `cut` rounded away.

    They are ordered as the numbers are: a carry out of the mantissa is the next exponent.
    """
    if cut == 0:
        return size
    if noise is None:
        up = jnp.uint32(2 ** (cut - 1) - 1) + ((size >> jnp.uint32(cut)) & jnp.uint32(1))
    else:
        up = noise & jnp.uint32(2**cut - 1)
    return ((size + up) >> jnp.uint32(cut)) << jnp.uint32(cut)


def _rounded_tiny(jnp: Library, lax: Library, size: Array, target: Format, noise: Array | None) -> Array:
    """A magnitude below the format's smallest normal number as a multiple of its smallest subnormal one."""
    unit = 2.0 ** (target.least_exponent - target.mantissa)
    if noise is None:
        shift = np.float32(2.0**MANTISSA * unit)  # where a unit in the last place of float32 is that one
        units = lax.bitcast_convert_type(size + shift, jnp.uint32) - jnp.uint32(_bits_of(float(shift)))
        return units.astype(jnp.float32) * unit
    return jnp.floor(size * jnp.float32(1.0 / unit) + noise.astype(jnp.float32) * jnp.float32(2.0**-32)) * unit
