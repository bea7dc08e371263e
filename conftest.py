"""Names the suite's plugins; the policy is in `neurochip_bench.suite.plugin`."""

from __future__ import annotations

pytest_plugins = [
    "neurochip_bench.suite.look",
    "neurochip_bench.suite.printed",
    "neurochip_bench.suite.alone",
    "neurochip_bench.suite.devices",
    "neurochip_bench.suite.plugin",
    "neurochip_bench.suite.selection",
    "neurochip_bench.suite.fixtures",
    "neurochip_bench.suite.hosts",
    "neurochip_bench.suite.quiet",
    "neurochip_bench.suite.legend",
    "neurochip_bench.suite.networks",
    "neurochip_bench.suite.steady",
    "neurochip_bench.suite.kept_runs",
    "neurochip_bench.suite.long_fixtures",
    "neurochip_bench.keep.tries",
    "neurochip_bench.keep.junit",
    "neurochip_bench.keep.saving",
    "neurochip_bench.keep.writing",
    "neurochip_bench.keep.unwatched",
]
