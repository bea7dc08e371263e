"""The rate functions that conductance-based models share, written against named operations.

`ops` is the table of named operations of an array library; every other operation is plain arithmetic.
"""

from __future__ import annotations

from typing import Callable, Dict

from model.arrays import Array
from model.operations import Elementwise


def boltzmann(ops: Elementwise, V: Array, half: float, slope: float) -> Array:
    """Steady state 1 / (1 + e^((half - V) / slope)) of a gating variable; all in mV, falling if slope < 0."""
    return 1.0 / (1.0 + ops.exp((half - V) / slope))


def relax(gate: Array, steady_state: Array, tau: Array) -> Array:
    """Rate of change (per ms) of a gating variable that relaxes to its steady state with time constant `tau` (ms)."""
    return (steady_state - gate) / tau


def exprelr(ops: Elementwise, x: Array) -> Array:
    """x / (1 - e^-x), continued through its removable singularity at 0, finite and accurate for any x.

    Below |x| = 0.5 it is its Taylor series (relative error of about 1e-15), so that no hardware has to subtract
    two nearly equal numbers. Each branch is finite where the other is chosen: a compiler may turn the choice
    into a multiplication by 0 and 1.
    """
    y = x * x
    small = y < 0.25
    far = ops.where(small, 1.0, x)
    near = ops.where(small, y, 0.0)
    series = 1.0 / 47900160.0 - near * (691.0 / 1307674368000.0)
    series = -1.0 / 1209600.0 + near * series
    series = 1.0 / 30240.0 + near * series
    series = -1.0 / 720.0 + near * series
    series = 1.0 / 12.0 + near * series
    return ops.where(small, 1.0 + 0.5 * x + near * series, far / (1.0 - ops.exp(-far)))


def linoid_safe(ops: Elementwise, rate: float, V: Array, scale: float) -> Array:
    """rate * V / (1 - e^(-V / scale)) per ms with its limit rate * scale at V = 0 (`V`, `scale` in mV)."""
    return rate * scale * exprelr(ops, V / scale)


def linoid_published(ops: Elementwise, rate: float, V: Array, scale: float) -> Array:
    """rate * V / (1 - e^(-V / scale)) per ms as it is printed: 0/0 at V = 0, and inaccurate close to it."""
    return rate * V / (1.0 - ops.exp(-V / scale))


Linoid = Callable[[Elementwise, float, Array, float], Array]

RATES: Dict[str, Linoid] = {"safe": linoid_safe, "published": linoid_published}
