"""Rounding against NumPy's float16, ml_dtypes' bfloat16 and float8, and TF32 by its definition."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurochip_bench.backends.emulated_ops import Arithmetic, EmulatedOps
from neurochip_bench.backends.jax_ops import JaxOps
from neurochip_bench.backends.rounding import BFLOAT16, FLOAT16, FLOAT32, TF32, Format, rounded

FLOAT8 = Format(2, 5)
EDGES = np.array(
    [0.0, 1.0, 65504.0, 65519.9, 65520.0, 2.0**-14, 2.0**-24, 2.0**-25, 3.4e38, np.inf, np.nan], np.float32
)


def bits_of(x):
    return np.asarray(x, np.float32).view(np.uint32)


@lru_cache(maxsize=None)
def compiled(target, flush=False):
    import jax

    return jax.jit(lambda x, noise: rounded(jax, x, target, noise=noise, flush=flush))


def ours(x, target, noise=None, **options):
    padded = np.zeros(max(len(x), 8), np.float32)  # few are compiled once, however many they are
    padded[: len(x)] = x
    return np.asarray(compiled(target, **options)(padded, noise))[: len(x)]


def tf32(x):
    """By definition: 13 bits cut, to nearest, ties to even."""
    cut = ((bits_of(x).astype(np.uint64) + 0xFFF + ((bits_of(x) >> 13) & 1)) >> 13 << 13).astype(np.uint32)
    return np.where(np.isfinite(x), cut.view(np.float32), x)


def of_ml_dtypes(name):
    def reference(x):
        import ml_dtypes

        return x.astype(getattr(ml_dtypes, name)).astype(np.float32)

    return reference


REFERENCES = {
    "float16": (FLOAT16, lambda x: x.astype(np.float16).astype(np.float32)),
    "bfloat16": (BFLOAT16, of_ml_dtypes("bfloat16")),
    "float8_e5m2": (FLOAT8, of_ml_dtypes("float8_e5m2")),
    "tf32": (TF32, tf32),
    "float32": (FLOAT32, lambda x: x),
}


def assert_same(got, expected):
    same = (bits_of(got) == bits_of(expected)) | (np.isnan(got) & np.isnan(expected))
    assert same.all(), (got[~same][:3], expected[~same][:3])


@pytest.mark.parametrize("name", REFERENCES)
def test_every_tie_neighbour_of_a_tie_subnormal_and_overflow_is_rounded_as_the_reference_does(name):
    target, reference = REFERENCES[name]
    upper = np.arange(2**16, dtype=np.uint32) << 16  # every exponent and seven bits of the mantissa
    ends = np.array([0, 1, 0x0FFF, 0x1000, 0x1001, 0x3000, 0x7FFF, 0x8000, 0x8001, 0xFFFF], np.uint32)
    x = np.concatenate([(upper[:, None] | ends).ravel().view(np.float32), EDGES, -EDGES])
    with np.errstate(over="ignore", invalid="ignore"):
        assert_same(ours(x, target), reference(x))


@pytest.mark.parametrize("name", REFERENCES)
@given(x=st.lists(st.floats(width=32), min_size=8, max_size=8))
def test_any_number_is_rounded_as_the_reference_does(name, x):
    target, reference = REFERENCES[name]
    x = np.array(x, np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        assert_same(ours(x, target), reference(x))


@pytest.mark.parametrize("target", [FLOAT16, TF32, BFLOAT16, Format(5, 6)])
@given(x=st.floats(-60000.0, 60000.0, width=32))
def test_rounding_keeps_what_is_rounded(target, x):
    once = ours([x], target)
    assert_same(ours(once, target), once)


@pytest.mark.parametrize("target", [FLOAT16, BFLOAT16])
def test_subnormals_are_flushed_to_zeros_of_their_sign_only_if_asked(target):
    least = 2.0**target.least_exponent
    x = np.array([least, 0.75 * least, -0.5 * least, -least], np.float32)
    assert_same(ours(x, target, flush=True), np.array([least, 0.0, -0.0, -least], np.float32))
    assert_same(ours(x, target), x)


@pytest.mark.parametrize("target", [FLOAT16, BFLOAT16, Format(4, 8)])
def test_stochastic_rounding_goes_up_as_often_as_what_is_cut_off_says(target):
    unit, count = 2.0**-target.mantissa, 40_000
    noise = np.random.default_rng(0).integers(0, 2**32, count, dtype=np.uint32)
    x = np.full(count, 1.0 + 0.3 * unit, np.float32)
    result = ours(x, target, noise=noise)
    assert set(result.tolist()) == {1.0, float(np.float32(1.0 + unit))}
    assert abs((result > 1.0).mean() - 0.3) < 0.01
    exact = np.full(count, 1.0 + unit, np.float32)
    assert_same(ours(exact, target, noise=noise), exact)


@pytest.mark.parametrize(("x", "share"), [(0.0, 0.0), (-0.0, 0.0), (1e-12, 0.0), (2.0**-26, 0.25), (-(2.0**-25), 0.5)])
def test_stochastic_rounding_below_the_least_subnormal_gives_it_or_zero(x, share):
    noise = np.random.default_rng(1).integers(0, 2**32, 20_000, dtype=np.uint32)
    result = ours(np.full(len(noise), x), FLOAT16, noise=noise)
    assert set(np.abs(result).tolist()) <= {0.0, 2.0**-24}
    assert (np.signbit(result) == np.signbit(x)).all()
    assert abs((result != 0).mean() - share) < 0.02


@pytest.mark.parametrize(("mantissa", "exponent"), [(0, 8), (24, 8), (10, 1), (10, 9)])
def test_format_that_float32_cannot_hold_is_refused(mantissa, exponent):
    with pytest.raises(ValueError, match="expected 1 to 23 and 2 to 8"):
        Format(mantissa, exponent)


def emulated(**arithmetic):
    import jax

    exact = JaxOps(jax, np.dtype(np.float32))
    return EmulatedOps(jax, exact, Arithmetic(**arithmetic), jax.numpy.int32(3))


THIRD = np.float32(1.0) / np.float32(3.0)
UNITS = {
    "add": (lambda x: x + THIRD, lambda x: x - THIRD, lambda x: THIRD - x, lambda x: x * THIRD, lambda x: THIRD * x),
    "divide": (lambda x: x / np.float32(3.0), lambda x: np.float32(2.0) / x),
}


@pytest.mark.parametrize("unit", UNITS)
def test_each_operation_is_rounded_by_its_unit_and_by_no_other(unit):
    x = np.linspace(0.1, 7.0, 50).astype(np.float32)
    for operation in UNITS[unit]:
        for target in (FLOAT32, BFLOAT16):
            ops = emulated(**{unit: target})
            assert_same(np.asarray(operation(ops.given(x)).array), ours(operation(x), target))
        others = {"add", "divide", "exponential", "state"} - {unit}
        ops = emulated(**dict.fromkeys(others, BFLOAT16))
        assert_same(np.asarray(operation(ops.given(x)).array), operation(x))


def test_exponential_is_rounded_by_its_unit():
    x = np.linspace(-5.0, 5.0, 50).astype(np.float32)
    exact = np.asarray(emulated().exp(x).array)
    assert_same(np.asarray(emulated(exponential=TF32).exp(x).array), ours(exact, TF32))
    assert_same(np.asarray(emulated(add=TF32, divide=TF32).exp(x).array), exact)


def test_stochastic_rounding_is_the_same_from_the_same_seed_and_differs_between_operations_and_seeds():
    x = np.full(200, 1.0 + 2.0**-9, np.float32)

    def results(seed):
        ops = emulated(add=BFLOAT16, stochastic=True, seed=seed)
        given_x = ops.given(x)
        return [np.asarray((given_x * np.float32(1.0)).array).tolist() for _ in range(2)]

    assert results(1) == results(1)
    assert results(1)[0] != results(1)[1]
    assert results(1) != results(2)
