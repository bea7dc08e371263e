"""The rates at and around their removable singularities, in every precision that a chip may bring."""

import numpy as np
import pytest

from model.kernels import DT, KERNELS
from model.kernels.rates import exprelr, linoid_published, linoid_safe
from neurochip_bench.backends.ops import NumpyOps

# (rate, shift, scale) of the linoids in which alpha_x and beta_r of IO and alpha_m and alpha_n of HH are written.
LINOIDS = {-25.0: (0.13, 25.0, 10.0), -8.5: (-0.02, 8.5, -5.0), -40.0: (0.1, 40.0, 10.0), -55.0: (0.01, 55.0, 10.0)}
# The state that each singular voltage would destroy, and the states that take that voltage.
DESTROYED = {
    ("io", -25.0): ("x", "x_a"),
    ("io", -8.5): ("r",),
    ("hh", -40.0): ("m",),
    ("hh", -55.0): ("n",),
}
AROUND = np.array([0.0, 1e-12, 1e-9, 1e-6, 1e-4, 3e-3, 0.01, 0.5, 2.4999, 2.5, 4.9999, 5.0, 5.0001, 30.0, 90.0])
AROUND = np.concatenate([-AROUND[::-1], AROUND])
RANGE = np.concatenate([np.linspace(-150.0, 150.0, 601), *(singular + AROUND for singular in LINOIDS)])


class RoundedExp(NumpyOps):
    """NumPy with an exponential of 10 mantissa bits, as low-precision hardware computes it."""

    def exp(self, x):
        fraction, exponent = np.frexp(super().exp(x))
        return np.ldexp(np.round(np.ldexp(fraction, 11)), exponent - 11)  # frexp keeps the leading bit in the fraction


class BlendedWhere(NumpyOps):
    """NumPy with a choice made by multiplying and adding, as some converters do: what is not chosen must be finite."""

    def where(self, condition, a, b):
        chosen = np.asarray(condition, self.dtype)
        return chosen * self.dtype.type(a) + (1 - chosen) * self.dtype.type(b)


PRECISIONS = {
    "f64": NumpyOps(np.float64),
    "f32": NumpyOps(np.float32),
    "f64-exp10": RoundedExp(np.float64),
    "f32-exp10": RoundedExp(np.float32),
    "f32-blend": BlendedWhere(np.float32),
}
# An exponential that is wrong by u = 2^-11 makes x / (1 - e^-x) wrong by at most u / (e^0.5 - 1) + u at |x| >= 0.5.
TOLERANCES = {"f64": 1e-14, "f32": 4 * 2.0**-23, "f64-exp10": 1.3e-3, "f32-exp10": 1.3e-3, "f32-blend": 4 * 2.0**-23}


def true_exprelr(x):
    """x / (1 - e^-x) without cancellation, in float64."""
    x = np.asarray(x, np.float64)
    away = np.where(x == 0.0, 1.0, x)
    return np.where(x == 0.0, 1.0, away / -np.expm1(-away))


def membrane(kernel, ops, V):
    """Rows of an unconnected state in which every compartment of each cell has its potential out of `V`."""
    rows = dict(zip(kernel.states, kernel.initial(len(V), np.random.default_rng(1))))
    rows.update({name: V for name in rows if name.startswith("V")})
    return [row.astype(ops.dtype) for row in rows.values()]


def stepped(kernel, ops, rows, rates):
    """Rows by name after one step, coupled to the cell at the other end of the array."""

    def couple(signal):
        return ops.dtype.type(kernel.weight) * kernel.edge(ops, signal[::-1], signal)

    parameters = {name: ops.dtype.type(value) for name, value in kernel.parameters.items()}
    after = kernel.step(ops, rows, parameters, couple, ops.dtype.type(0), DT, rates)
    return dict(zip(kernel.state_names(len(rows) > len(kernel.states)), after))


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("singular", LINOIDS)
def test_safe_rate_is_accurate_at_and_around_every_singular_voltage(singular, precision):
    ops, (rate, shift, scale) = PRECISIONS[precision], LINOIDS[singular]
    V = (singular + AROUND).astype(ops.dtype)
    got = linoid_safe(ops, rate, V + ops.dtype.type(shift), scale)
    want = rate * scale * true_exprelr((V.astype(np.float64) + shift) / scale)
    assert got.dtype == ops.dtype
    assert np.max(np.abs(got / want - 1.0)) <= TOLERANCES[precision]


@pytest.mark.parametrize("precision", PRECISIONS)
def test_exprelr_is_accurate_from_zero_to_far_out(precision):
    ops = PRECISIONS[precision]
    x = np.concatenate([[0.0], np.geomspace(1e-30, 30.0, 4001), -np.geomspace(1e-30, 30.0, 4001)]).astype(ops.dtype)
    assert np.max(np.abs(exprelr(ops, x) / true_exprelr(x) - 1.0)) <= TOLERANCES[precision]


def test_exprelr_is_one_at_zero():
    assert np.array_equal(exprelr(PRECISIONS["f64"], np.array([0.0, -0.0])), [1.0, 1.0])


@pytest.mark.parametrize("precision", ["f64", "f32"])
@pytest.mark.parametrize("border", [-0.5, 0.5])
def test_exprelr_is_continuous_where_the_series_hands_over(border, precision):
    ops = PRECISIONS[precision]
    border = ops.dtype.type(border)
    below, above = exprelr(ops, np.array([np.nextafter(border, ops.dtype.type(0)), border]))
    assert abs(below / above - 1.0) <= 8 * np.finfo(ops.dtype).eps


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS)
@pytest.mark.parametrize("connected", [False, True], ids=["unconnected", "connected"])
def test_safe_step_is_finite_from_minus_150_to_150_mv(kernel, connected, precision):
    ops = PRECISIONS[precision]
    rows = membrane(kernel, ops, RANGE)
    rows += [np.zeros(len(RANGE), ops.dtype)] if connected and kernel.synaptic else []
    after = stepped(kernel, ops, rows, "safe")
    assert np.isfinite(np.stack(list(after.values()))).all()
    assert {row.dtype for row in after.values()} == {ops.dtype}


@pytest.mark.parametrize(("name", "singular"), DESTROYED, ids=str)
def test_published_step_is_nan_at_the_singular_voltage_where_the_safe_step_is_not(name, singular):
    ops, kernel = PRECISIONS["f64"], KERNELS[name]
    rows = membrane(kernel, ops, np.array([singular, singular + 1.0]))
    with np.errstate(invalid="ignore"):  # 0 / 0 is the fault that is shown
        published = stepped(kernel, ops, rows, "published")
    safe = stepped(kernel, ops, rows, "safe")
    lost = {state for state, row in published.items() if not np.isfinite(row).all()}
    assert lost == set(DESTROYED[name, singular])
    assert all(np.isnan(published[state][0]) and np.isfinite(published[state][1]) for state in lost)
    assert np.isfinite(np.stack(list(safe.values()))).all()


@pytest.mark.parametrize("singular", LINOIDS)
def test_published_rate_is_far_off_near_the_singular_voltage_where_the_safe_rate_is_not(singular):
    ops, (rate, shift, scale) = PRECISIONS["f32-exp10"], LINOIDS[singular]
    near = np.array([-0.05, -0.02, -1e-3, 1e-3, 0.02, 0.05], np.float32) * np.float32(0.1 * abs(scale))
    V = np.float32(singular) + near
    want = rate * scale * true_exprelr((V.astype(np.float64) + shift) / scale)
    with np.errstate(divide="ignore"):  # an exponential that rounds to 1 leaves a division by zero: part of the fault
        published = linoid_published(ops, rate, V + np.float32(shift), scale)
    safe = linoid_safe(ops, rate, V + np.float32(shift), scale)
    assert np.max(np.abs(safe / want - 1.0)) <= TOLERANCES["f32"]
    assert not np.isfinite(published).all()
    assert np.max(np.abs(published[np.isfinite(published)] / want[np.isfinite(published)] - 1.0)) >= 0.02


@pytest.mark.parametrize("precision", ["f64", "f32"])
def test_published_and_safe_rates_agree_far_from_the_singular_voltage(precision):
    ops = PRECISIONS[precision]
    V = np.concatenate([np.linspace(-90.0, -5.0, 50), np.linspace(5.0, 90.0, 50)]).astype(ops.dtype)
    safe, published = linoid_safe(ops, 0.13, V, 10.0), linoid_published(ops, 0.13, V, 10.0)
    assert np.max(np.abs(published / safe - 1.0)) <= 8 * np.finfo(ops.dtype).eps


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounded_exponential_keeps_ten_mantissa_bits(dtype):
    x = np.linspace(-80.0, 80.0, 1001).astype(dtype)
    exact, rounded = np.exp(x), RoundedExp(dtype).exp(x)
    assert rounded.dtype == dtype
    assert 2.0**-12.1 <= np.max(np.abs(rounded / exact - 1.0)) <= 2.0**-11
    assert np.array_equal(np.ldexp(np.frexp(rounded)[0], 11) % 1.0, np.zeros(len(x)))
