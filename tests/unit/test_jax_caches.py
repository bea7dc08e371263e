"""JAX's cache of compiled programs never spares what is timed as compiling; what it spares is measured apart."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from model.network import build, drive
from neurochip_bench.backends import BACKENDS
from neurochip_bench.backends.jax_settings import cache
from neurochip_bench.backends.jax_xla import load_jax

JAX = BACKENDS["jax-cpu-f32"]
COMPILED, HIT = "/jax/core/compile/backend_compile_duration", "/jax/compilation_cache/cache_hits"
NETWORK = build("lif", 4).rounded()

if JAX.missing():
    pytest.skip(JAX.missing(), allow_module_level=True)


@pytest.fixture
def events():
    """A count of what JAX tells of its compiler and its cache."""
    jax = load_jax()

    counts: Counter[str] = Counter()

    def told(event, *_, **more):
        counts[event] += 1

    jax.monitoring.register_event_listener(told)
    jax.monitoring.register_event_duration_secs_listener(told)
    yield counts
    jax.monitoring.unregister_event_listener(told)
    jax.monitoring.unregister_event_duration_listener(told)


def in_use(jax):
    """The folder of JAX's cache, and whether it is used."""
    values = jax.config.values
    return values["jax_compilation_cache_dir"], values["jax_enable_compilation_cache"]


def test_every_prepare_compiles_anew_whatever_a_cache_on_disk_holds(events, tmp_path):
    import jax

    counts = []
    with cache(jax, str(tmp_path)):  # as a user's, set elsewhere
        for _ in range(2):
            events.clear()
            JAX.prepare(NETWORK)
            counts.append((events[COMPILED], events[HIT]))
        assert in_use(jax) == (str(tmp_path), True)  # the user's again
    assert counts[0][0] >= 1
    assert counts == [(counts[0][0], 0)] * 2
    assert not list(tmp_path.iterdir())


def test_warm_start_is_measured_by_a_hit_and_leaves_the_program_at_its_start(events, tmp_path):
    import jax

    program, stimulus = JAX.prepare(NETWORK), drive(NETWORK, 5)
    cold = program.run(5, stimulus)
    before = in_use(jax)
    events.clear()
    seconds = program.warm_compile()
    assert events[HIT] >= 1
    assert seconds is not None
    assert seconds > 0
    assert in_use(jax) == before
    warm = program.run(5, stimulus)
    assert np.array_equal(cold.trace, warm.trace)
    assert np.array_equal(cold.state, warm.state)


def test_other_libraries_know_no_warm_start():
    assert BACKENDS["numpy-cpu-f64"].prepare(NETWORK).warm_compile() is None
