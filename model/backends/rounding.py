"""Rounding of float32 numbers to narrower formats, by operations on their bits."""

from __future__ import annotations

from dataclasses import dataclass

MANTISSA, EXPONENT, BIAS = 23, 8, 127  # of float32


@dataclass(frozen=True)
class Format:
    """A binary floating-point format: explicit bits of the mantissa (1 to 23) and bits of the exponent (2 to 8)."""

    mantissa: int
    exponent: int

    def __post_init__(self):
        if not 1 <= self.mantissa <= MANTISSA or not 2 <= self.exponent <= EXPONENT:
            raise ValueError(
                f"format has {self.mantissa} bits of mantissa and {self.exponent} of exponent: "
                f"expected 1 to {MANTISSA} and 2 to {EXPONENT}, what float32 can hold"
            )

    @property
    def least_exponent(self):
        """Exponent of the smallest normal number."""
        return 2 - 2 ** (self.exponent - 1)

    @property
    def largest(self):
        """The largest finite number."""
        return (2.0 - 2.0**-self.mantissa) * 2.0 ** (2 ** (self.exponent - 1) - 1)


FLOAT32, TF32, BFLOAT16, FLOAT16 = Format(23, 8), Format(10, 8), Format(7, 8), Format(10, 5)


def rounded(jax, x, target, *, noise=None, flush=False):
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
    cut = _cut(jnp, size, target)
    kept = _rounded_size(jnp, size, cut, noise)
    if target.exponent < EXPONENT:
        kept = jnp.where(kept > jnp.uint32(_bits_of(target.largest)), jnp.uint32(0x7F800000), kept)
    if flush:
        kept = jnp.where(kept < jnp.uint32(_bits_of(2.0**target.least_exponent)), jnp.uint32(0), kept)
    kept = jnp.where(size >= jnp.uint32(0x7F800000), size, kept)  # infinities and NaN stay
    return lax.bitcast_convert_type(sign | kept, jnp.float32)


def _bits_of(number):
    import numpy as np

    return int(np.float32(number).view(np.uint32))


def _cut(jnp, size, target):
    """How many of the last bits are cut off: more below the format's smallest normal number."""
    cut = MANTISSA - target.mantissa
    if target.exponent == EXPONENT:
        return jnp.uint32(cut)
    exponent = (size >> MANTISSA).astype(jnp.int32) - BIAS
    return (cut + jnp.clip(target.least_exponent - exponent, 0, MANTISSA + 2)).astype(jnp.uint32)


def _rounded_size(jnp, size, cut, noise):
    """The magnitude's bits with the last `cut` rounded away.

    The bits of a float32 are ordered as the numbers are, and a carry out of the mantissa is the next exponent: below
    the smallest normal number of a format, where all of the mantissa and more is cut, the result is that number's
    smallest unit or zero.
    """
    one = jnp.uint32(1)
    deep = cut > jnp.uint32(MANTISSA)  # more than the mantissa: the leading one, which is not stored, is cut as well
    significand = jnp.where(deep, (size & jnp.uint32(0x7FFFFF)) | jnp.uint32(0x800000), size)
    shift = jnp.minimum(cut, jnp.uint32(25))
    unit = one << shift
    if noise is None:
        half = (unit >> one) - jnp.where(unit > one, one, jnp.uint32(0))
        up = half + ((significand >> shift) & one) * jnp.where(unit > one, one, jnp.uint32(0))
    else:
        up = noise & (unit - one)
    kept = ((significand + up) >> shift) << shift
    power = (size >> MANTISSA) + shift - jnp.uint32(MANTISSA)  # biased exponent of a unit in the last place
    return jnp.where(deep, jnp.where(kept > 0, power << MANTISSA, jnp.uint32(0)), kept)
