"""What is applied to a network from outside, a value per cell held during each millisecond."""

from __future__ import annotations

import numpy as np

from model.checks import whole_number


def drive(network, milliseconds, seed=42):
    """The stimulus (milliseconds, N) that a network is timed and judged with, or None where it needs none.

    Hodgkin-Huxley cells get a new current 10 U(0,1)^5 uA/cm2 every millisecond, as in the published runs; without
    it they never fire. The numbers are exact in float32.
    """
    milliseconds = whole_number("milliseconds", milliseconds, 1)
    if network.kernel != "hh":
        return None
    uniform = np.random.default_rng(seed).random((milliseconds, network.cells), dtype=np.float32)
    return (10.0 * uniform.astype(np.float64) ** 5).astype(np.float32)


def kick(network, milliseconds):
    """Two milliseconds of 60 uA/cm2 for all, then nothing, as (milliseconds, N): every Hodgkin-Huxley cell fires."""
    milliseconds = whole_number("milliseconds", milliseconds, 1)
    stimulus = np.zeros((milliseconds, network.cells), np.float32)
    stimulus[:2] = 60.0
    return stimulus
