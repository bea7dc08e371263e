"""The exponential of generated programs, as their source: a polynomial and a shift, which loops can be vectorised over.

e^x is 2^n e^r with n the nearest integer to x / ln 2. Adding a large number rounds to integers and leaves n, biased as
an exponent, in the last bits of the sum. Above the range the polynomial overflows, below it the power is zero; NaN
stays NaN. Right to two units in the last place of normal numbers; below these it is zero.
"""

from __future__ import annotations

from math import factorial, log

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial

# of a precision: digits of the mantissa, bias of the exponent, digits of the first part of ln 2, degree of the series
FORMS = {"f32": (23, 127, 12, 4), "f64": (52, 1023, 20, 9)}


def polynomial(degree: int) -> list[float]:
    """Coefficients of (e^r - 1 - r) / r^2, lowest first, by interpolation where |r| <= ln 2 / 2."""
    series = Polynomial([1.0 / factorial(k + 2) for k in range(20)])
    fitted = Chebyshev.interpolate(series, degree, domain=[-log(2) / 2, log(2) / 2])
    return [float(c) for c in fitted.convert(kind=Polynomial).coef]


def parts_of_ln2(digits: int) -> tuple[float, float]:
    """ln 2 as a number of so many binary digits and the rest, exact beyond float64's own."""
    head = float(np.floor(log(2) * 2.0**digits)) / 2.0**digits
    tail = (log(2) - head) + 2.3190468138462996e-17  # what float64's ln 2 lacks
    return head, tail


def source(precision: str) -> str:
    """The function `exp`."""
    digits, bias, cut, degree = FORMS[precision]
    magic = 1.5 * 2.0**digits + bias
    head, tail = parts_of_ln2(cut)
    *inner, last = polynomial(degree)
    nested = f"f({last!r})"
    for c in reversed([1.0, 1.0, *inner]):
        nested = f"({nested} * r + f({c!r}))"
    low, high = -bias * log(2), magic + bias
    return f'''@njit(fastmath=SAFE, error_model="numpy")
def exp(x):
    """e^x, right to two units in the last place; zero where it is smaller than normal numbers."""
    x = f({low!r}) if x < f({low!r}) else x
    t = x * f({1 / log(2)!r}) + f({magic!r})
    t = f({high!r}) if t > f({high!r}) else t
    n = t - f({magic!r})
    r = x - n * f({head!r}) - n * f({tail!r})
    return {nested} * power_of_two(t)
'''
