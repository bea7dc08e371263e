"""Which libraries the collection of a session imported, for a test of that session: a plugin."""

from __future__ import annotations

import sys
from typing import List

import pytest

LIBRARIES = ("tensorflow", "jax", "onnxruntime", "numba")
IMPORTED = pytest.StashKey[List[str]]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Look before any test runs, which may import them."""
    session.config.stash[IMPORTED] = [name for name in LIBRARIES if name in sys.modules]
