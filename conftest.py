"""Names the suite's plugins; the policy is in `neurochip_bench.suite.plugin`."""

from __future__ import annotations

import os

import hypothesis

pytest_plugins = [
    "neurochip_bench.suite.printed",
    "neurochip_bench.suite.alone",
    "neurochip_bench.suite.plugin",
    "neurochip_bench.suite.legend",
    "neurochip_bench.suite.networks",
    "neurochip_bench.suite.steady",
    "neurochip_bench.suite.kept_runs",
    "neurochip_bench.suite.long_fixtures",
    "neurochip_bench.keep.tries",
    "neurochip_bench.keep.saving",
    "neurochip_bench.keep.writing",
]

hypothesis.settings.register_profile("suite", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("suite")
