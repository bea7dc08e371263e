"""Backends that cannot run here are skipped, each with what is missing; other tests run all that can."""

from __future__ import annotations

import pytest

from neurochip_bench.backends import BACKENDS
from neurochip_bench.suite import presence

ABSENT = [backend for backend in BACKENDS.values() if presence.missing(backend.id)]


@pytest.mark.parametrize("name", [pytest.param(b.id, marks=getattr(pytest.mark, b.mark)) for b in ABSENT])
def test_what_is_missing_is_a_sentence(name):
    missing = presence.missing(name)
    assert missing
    assert "\n" not in missing
    pytest.skip(missing)
