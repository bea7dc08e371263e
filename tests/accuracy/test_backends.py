"""Every backend of the registry runs here, or is skipped with what is missing; other tests have those that do."""

from __future__ import annotations

import numpy as np
import pytest

from model.network import build
from neurochip_bench.backends import BACKENDS, ORACLE
from neurochip_bench.suite import presence


@pytest.mark.parametrize("name", [pytest.param(b.id, marks=getattr(pytest.mark, b.mark)) for b in BACKENDS.values()])
def test_backend_runs_here(name):
    if missing := presence.missing(name):
        pytest.skip(missing)
    network = build("lif", 4, connected=False).rounded()
    program, oracle = (BACKENDS[key].prepare(network) for key in (name, ORACLE))
    assert np.array_equal(program.run(2).spikes > 0, oracle.run(2).spikes > 0)
    assert program.device_name.startswith("emulated on ") == (not BACKENDS[name].timed)
