"""What no other test runs of the registry: chips that are emulated, and, skipped with a reason, what is not here."""

from __future__ import annotations

import numpy as np
import pytest

from model.network import build
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.suite import presence

OTHERS = [backend for backend in BACKENDS.values() if not backend.timed or presence.missing(backend.id)]


@pytest.mark.parametrize("name", [pytest.param(b.id, marks=getattr(pytest.mark, b.mark)) for b in OTHERS])
def test_backend_runs_here(name):
    if missing := presence.missing(name):
        pytest.skip(missing)
    network = build("lif", 4, connected=False).rounded()
    program, oracle = (BACKENDS[key].prepare(network) for key in (name, ORACLE))
    assert np.array_equal(program.run(2).spikes > 0, oracle.run(2).spikes > 0)
    assert program.device_name.startswith("emulated on ")
