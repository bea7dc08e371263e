"""How Hypothesis draws in tests: without a deadline, in CI always the same. Benchmarks import none of it."""

from __future__ import annotations

import os

import hypothesis

hypothesis.settings.register_profile("suite", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("suite")
