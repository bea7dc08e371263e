"""The arithmetic of an emulated chip: each result is rounded as the chip's unit would round it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from model.arrays import Array
from model.checks import whole_number, yes_or_no
from model.operations import Operations
from neurochip_bench.backends.libraries import Library
from neurochip_bench.backends.rounding import FLOAT32, Format, rounded


@dataclass(frozen=True)
class Arithmetic:
    """What the units of a chip round their results to.

    state        as it is stored after each step
    add          sums, differences and products
    divide       quotients
    exponential  exponentials
    stochastic   whether to round up or down at random, from `seed`, instead of to nearest, ties to even
    flush        whether subnormal numbers become zero

    Operands, constants and parameters are taken as they are, in float32.
    """

    state: Format = FLOAT32
    add: Format = FLOAT32
    divide: Format = FLOAT32
    exponential: Format = FLOAT32
    stochastic: bool = False
    seed: int = 0
    flush: bool = False

    def __post_init__(self) -> None:
        for unit in ("state", "add", "divide", "exponential"):
            if not isinstance(getattr(self, unit), Format):
                raise ValueError(f"{unit} is {getattr(self, unit)!r}: expected a Format of rounding")
        yes_or_no("stochastic", self.stochastic)
        yes_or_no("flush", self.flush)
        whole_number("seed", self.seed, 0)


class Rounded:
    """An array whose operators round their results."""

    def __init__(self, ops: EmulatedOps, array: Array) -> None:
        self.ops, self.array = ops, array

    def __add__(self, other: Array) -> Rounded:
        return self.ops.result("add", self.array + plain(other))

    def __sub__(self, other: Array) -> Rounded:
        return self.ops.result("add", self.array - plain(other))

    def __rsub__(self, other: Array) -> Rounded:
        return self.ops.result("add", plain(other) - self.array)

    def __mul__(self, other: Array) -> Rounded:
        return self.ops.result("add", self.array * plain(other))

    def __truediv__(self, other: Array) -> Rounded:
        return self.ops.result("divide", self.array / plain(other))

    def __rtruediv__(self, other: Array) -> Rounded:
        return self.ops.result("divide", plain(other) / self.array)

    def __neg__(self) -> Rounded:
        return Rounded(self.ops, -self.array)

    def __lt__(self, other: Array) -> Array:
        return self.array < plain(other)

    def __gt__(self, other: Array) -> Array:
        return self.array > plain(other)

    def __ge__(self, other: Array) -> Array:
        return self.array >= plain(other)

    __radd__ = __add__
    __rmul__ = __mul__


def plain(x: Array) -> Array:
    """An operand as a number or an array."""
    return x.array if isinstance(x, Rounded) else x


class EmulatedOps:
    """The named operations on `Rounded` arrays, for the step number `step` since the start.

    exact   the same on plain arrays, without the chip's rounding
    """

    summed_singly: float = math.inf  # sums are made of the chip's additions

    def __init__(self, jax: Library, exact: Operations, arithmetic: Arithmetic, step: Array) -> None:
        self._jax, self.exact, self._arithmetic, self._step = jax, exact, arithmetic, step
        self._results = 0

    def given(self, x: Array) -> Rounded:
        """A stored array."""
        return Rounded(self, x)

    def result(self, unit: str, x: Array) -> Rounded:
        """The result of one of the chip's units, or "state" for what is stored."""
        target = getattr(self._arithmetic, unit)
        noise = self._noise(x) if self._arithmetic.stochastic and target != FLOAT32 else None
        return Rounded(self, rounded(self._jax, x, target, noise=noise, flush=self._arithmetic.flush))

    def _noise(self, x: Array) -> Array:
        """Random bits for each element: a hash of seed, step, operation and element."""
        jnp = self._jax.numpy
        self._results += 1
        key = (self._arithmetic.seed * 0x9E3779B1 + self._results * 0x85EBCA77) % 2**32
        elements = jnp.arange(math.prod(x.shape), dtype=jnp.uint32).reshape(x.shape)
        bits = jnp.uint32(key) ^ _mixed(jnp, self._step.astype(jnp.uint32)) + elements * jnp.uint32(0xC2B2AE3D)
        return _mixed(jnp, bits)

    def exp(self, x: Array) -> Rounded:
        """Exponential, by element."""
        return self.result("exponential", self.exact.exp(plain(x)))

    def minimum(self, a: Array, b: Array) -> Rounded:
        """The smaller of two, by element; exact."""
        return Rounded(self, self.exact.minimum(plain(a), plain(b)))

    def where(self, condition: Array, a: Array, b: Array) -> Rounded:
        """`a` where the condition holds, else `b`; exact."""
        return Rounded(self, self.exact.where(condition, plain(a), plain(b)))

    def gather(self, array: Array, indices: Array) -> Rounded:
        """The elements of a one-dimensional array at `indices`, in their shape; exact."""
        return Rounded(self, self.exact.gather(plain(array), indices))

    def push(self, ring: Array, slot: Array, row: Array) -> Array:
        """A ring buffer (slots * N,) with `row` (N,) in place of one of its slots; exact."""
        return self.exact.push(ring, slot, plain(row))

    def wrap(self, index: Array, size: int) -> Array:
        """Indices from 0 to 2 * size, those that are beyond it starting anew; exact."""
        return self.exact.wrap(index, size)


def _mixed(jnp: Library, x: Array) -> Array:
    """A hash of 32 bits in which each bit of the argument changes half of the result's (Wellons' lowbias32)."""
    x = (x ^ (x >> jnp.uint32(16))) * jnp.uint32(0x7FEB352D)
    x = (x ^ (x >> jnp.uint32(15))) * jnp.uint32(0x846CA68B)
    return x ^ (x >> jnp.uint32(16))
